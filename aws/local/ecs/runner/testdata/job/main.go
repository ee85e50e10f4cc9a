// Command job is what the containers of the tests run: it does what its first
// argument says.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	switch os.Args[1] {
	case "env":
		for _, entry := range os.Environ() {
			fmt.Println(strconv.Quote(entry))
		}
	case "exit":
		code, _ := strconv.Atoi(os.Args[2])
		fmt.Fprintln(os.Stderr, "going")
		os.Exit(code)
	case "wait":
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGTERM)
		fmt.Println("ready")
		<-signals
		fmt.Println("stopped")
		os.Exit(9)
	case "ignore":
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("ready")
		time.Sleep(time.Hour)
	case "eat":
		var kept [][]byte
		for {
			block := make([]byte, 1<<20)
			for i := range block {
				block[i] = 1
			}
			kept = append(kept, block)
		}
	case "write":
		if err := os.WriteFile("/file", nil, 0o600); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	case "user":
		fmt.Println(os.Getuid())
	}
}

// Command stepdeck operates work that runs as ECS tasks inside Step Functions.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := newApp().execute(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

package tui_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/stepdeck/stepdeck/tui"
)

// asProgram makes the test binary the console itself, for tests on a real
// terminal.
const asProgram = "STEPDECK_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "" {
		os.Exit(m.Run())
	}
	if err := tui.Run(context.Background(), options(newToy("home"))); err != nil {
		fmt.Println("ended with:", err)
		os.Exit(1)
	}
	fmt.Println("ended well")
}

// console is the program on a real terminal.
type console struct {
	t    *testing.T
	tty  *os.File
	cmd  *exec.Cmd
	done chan struct{}

	mu    sync.Mutex
	drawn bytes.Buffer
	more  *sync.Cond
	ended bool
}

func onTerminal(t *testing.T, env ...string) *console {
	t.Helper()
	c := &console{t: t, cmd: exec.CommandContext(t.Context(), os.Args[0]), done: make(chan struct{})}
	c.more = sync.NewCond(&c.mu)
	c.cmd.Env = append([]string{asProgram + "=1", "TERM=xterm-256color", "PATH=" + os.Getenv("PATH")}, env...)
	tty, err := pty.StartWithSize(c.cmd, &pty.Winsize{Cols: 100, Rows: 24})
	if err != nil {
		t.Fatal(err)
	}
	c.tty = tty
	go c.read()
	t.Cleanup(func() {
		_ = tty.Close()
		<-c.done
	})
	return c
}

func (c *console) read() {
	defer close(c.done)
	b := make([]byte, 4096)
	for {
		n, err := c.tty.Read(b)
		c.mu.Lock()
		c.drawn.Write(b[:n])
		c.ended = err != nil
		c.more.Broadcast()
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// see waits until text was written, and returns all that was.
func (c *console) see(text string) string {
	c.t.Helper()
	late := time.AfterFunc(20*time.Second, func() { _ = c.cmd.Process.Kill() })
	defer late.Stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	for !strings.Contains(c.drawn.String(), text) {
		if c.ended {
			c.t.Fatalf("the program ended before %q; it wrote %q", text, c.drawn.String())
		}
		c.more.Wait()
	}
	return c.drawn.String()
}

const (
	entersFullScreen = "\x1b[?1049h"
	leavesFullScreen = "\x1b[?1049l"
)

func TestQuittingRestoresTheTerminal(t *testing.T) {
	for name, quit := range map[string]func(c *console){
		"q":       func(c *console) { _, _ = c.tty.WriteString("q") },
		"ctrl+c":  func(c *console) { _, _ = c.tty.WriteString("\x03") },
		"SIGTERM": func(c *console) { _ = c.cmd.Process.Signal(syscall.SIGTERM) },
	} {
		t.Run(name, func(t *testing.T) {
			c := onTerminal(t)
			c.see(entersFullScreen)
			c.see("run-00")
			quit(c)
			out := c.see("ended well")
			if err := c.cmd.Wait(); err != nil {
				t.Error(err)
			}
			before, _, _ := strings.Cut(out, "ended well")
			if !strings.Contains(before, leavesFullScreen) {
				t.Error("the full screen was not left before the last words")
			}
			// Line feeds get their carriage returns again: the terminal is no longer raw.
			if !strings.Contains(c.see("ended well\r\n"), "ended well\r\n") {
				t.Error("the terminal stayed raw")
			}
		})
	}
}

func TestNoColorLeavesColorsOut(t *testing.T) {
	c := onTerminal(t, "NO_COLOR=yes", "COLORTERM=truecolor")
	out := c.see("run-19")
	if strings.Contains(out, "\x1b[38;2;") || strings.Contains(out, "\x1b[31m") {
		t.Errorf("colours were written: %q", out)
	}
	_, _ = c.tty.WriteString("q")
	c.see("ended well")
}

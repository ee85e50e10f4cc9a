//go:build unix

package tuitest

import (
	"bytes"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
)

// processLimit is when a process that shows nothing is given up.
const processLimit = 30 * time.Second

// Process is a program on a real terminal of its own.
type Process struct {
	t      testing.TB
	cmd    *exec.Cmd
	master *os.File
	done   chan struct{}

	mu    sync.Mutex
	more  *sync.Cond
	drawn bytes.Buffer
	ended bool

	// restored is whether the terminal was in the mode that it began in.
	restored bool
}

// Spawn starts a program on a new terminal of w×h cells. It is killed at the
// test's end.
func Spawn(t testing.TB, cmd *exec.Cmd, w, h uint16) *Process {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(master, &pty.Winsize{Cols: w, Rows: h}); err != nil {
		t.Fatal(err)
	}
	before, err := term.GetState(slave.Fd())
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &Process{t: t, cmd: cmd, master: master, done: make(chan struct{})}
	p.more = sync.NewCond(&p.mu)
	read := make(chan struct{})
	go func() {
		defer close(read)
		p.read()
	}()
	go func() {
		defer close(p.done)
		_ = cmd.Wait() // the exit code tells
		after, err := term.GetState(slave.Fd())
		p.restored = err == nil && reflect.DeepEqual(before, after)
		_ = slave.Close() // what was written can still be read, then reading ends
		<-read
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-p.done
		_ = master.Close()
	})
	return p
}

func (p *Process) read() {
	b := make([]byte, 4096)
	for {
		n, err := p.master.Read(b)
		p.mu.Lock()
		p.drawn.Write(b[:n])
		p.ended = err != nil
		p.more.Broadcast()
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// See waits until text was written, and returns all that was.
func (p *Process) See(text string) string {
	p.t.Helper()
	late := time.AfterFunc(processLimit, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for !strings.Contains(p.drawn.String(), text) {
		if p.ended {
			p.t.Fatalf("the program ended before %q; it wrote %q", text, p.drawn.String())
		}
		p.more.Wait()
	}
	return p.drawn.String()
}

// Type sends keys as the terminal does.
func (p *Process) Type(text string) {
	p.t.Helper()
	if _, err := p.master.WriteString(text); err != nil {
		p.t.Fatal(err)
	}
}

// Signal sends the process a signal.
func (p *Process) Signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// Exit waits for the end and returns the exit code and all that was written.
func (p *Process) Exit() (code int, drawn string) {
	p.t.Helper()
	late := time.AfterFunc(processLimit, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	<-p.done
	return p.cmd.ProcessState.ExitCode(), p.drawn.String()
}

// What enters and leaves the full screen, and shows the cursor.
const (
	entersFullScreen = "\x1b[?1049h"
	leavesFullScreen = "\x1b[?1049l"
	showsCursor      = "\x1b[?25h"
)

// Restored fails the test unless the program drew on the full screen and left
// it, with a cursor and the mode that the terminal had before. It waits for
// the end.
func (p *Process) Restored() {
	p.t.Helper()
	_, drawn := p.Exit()
	switch {
	case !strings.Contains(drawn, entersFullScreen):
		p.t.Error("the full screen was never used")
	case strings.LastIndex(drawn, leavesFullScreen) < strings.LastIndex(drawn, entersFullScreen):
		p.t.Error("the full screen was not left")
	case strings.LastIndex(drawn, showsCursor) < strings.LastIndex(drawn, entersFullScreen):
		p.t.Error("the cursor stayed hidden")
	case !p.restored:
		p.t.Error("the terminal stayed in another mode")
	}
}

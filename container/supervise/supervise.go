// Package supervise runs one job as PID 1 of its container and answers the task token that Step
// Functions waits for: it keeps the token alive while the job runs, and reports how the job ended.
package supervise

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/stepdeck/stepdeck/container/objects"
)

// Exit codes of steprun for what is not the job's own end (sysexits.h where there is one).
const (
	exitOutputInvalid = 65
	exitInputInvalid  = 66
	exitNotReported   = 74
	exitDenied        = 77
	exitNotExecutable = 126
	exitNotFound      = 127
	exitSignal        = 128 // plus the signal's number
)

// drainLimit is how long the end waits for output that processes left behind by the job still hold.
const drainLimit = 2 * time.Second

// Supervisor runs one job. Token is nil when no token was given: then the job just runs.
type Supervisor struct {
	Config  Config
	Token   *Token
	Objects *objects.Store   // large inputs come from it and large outputs go to it; nil without a token and an input
	Signals <-chan os.Signal // SIGTERM and SIGINT
	Stdout  io.Writer        // receives the job's stdout unchanged
	Stderr  io.Writer        // receives the job's stderr unchanged, and steprun's own lines
}

// Run runs the job argv[0] with its arguments and returns the exit code of steprun. It may be called
// once in a process: it collects every child of the process (see child).
func (s *Supervisor) Run(ctx context.Context, argv []string) int {
	job := &job{Supervisor: s, log: log.New(s.Stderr, "steprun: ", log.Lmsgprefix), argv: argv}
	job.tail.secrets = s.Config.Secrets
	job.task = lookUpTask(ctx, s.Config.MetadataURI, job.log)
	job.log.Printf("task %s, log stream %s, command %q", orNone(job.task.ARN), orNone(job.task.LogStream), job.command())
	return job.run(ctx)
}

// job is the state of one Run.
type job struct {
	*Supervisor
	log  *log.Logger
	task task
	argv []string
	env  []string
	tail tail
}

func (j *job) run(ctx context.Context) int {
	if j.Token != nil {
		code, alive := j.admit(ctx)
		if !alive {
			return code
		}
	}
	received, err := j.interruptible(ctx, j.readInput)
	switch {
	case received != nil:
		return j.stoppedBeforeStart(received)
	case err != nil:
		return j.fail(ctx, failure{name: InputInvalid, reason: err.Error(), exit: exitInputInvalid})
	}
	path, err := lookUpCommand(j.argv, j.env)
	if err != nil {
		return j.fail(ctx, notStarted(err))
	}
	outputPath, remove, err := makeOutputFile()
	if err != nil {
		return j.fail(ctx, failure{name: ScriptFailed, reason: err.Error(), exit: exitNotReported})
	}
	defer remove()
	end, err := j.execute(ctx, path, append(j.env, "STEPRUN_OUTPUT="+outputPath))
	if err != nil {
		return j.fail(ctx, failure{name: ScriptFailed, reason: err.Error(), exit: exitNotExecutable})
	}
	return j.report(ctx, end, outputPath)
}

// admit sends the first heartbeat, so that a job whose token is dead never starts.
func (j *job) admit(ctx context.Context) (code int, alive bool) {
	received, err := j.interruptible(ctx, func(ctx context.Context) error { return j.Token.admit(ctx, j.log) })
	var denied *DeniedError
	switch {
	case received != nil:
		return j.stoppedBeforeStart(received), false
	case errors.Is(err, ErrClosed):
		j.log.Printf("not started: %v: the run has ended, timed out or moved on", err)
		return 0, false
	case errors.As(err, &denied):
		j.log.Printf("not started: %v", denied)
		j.fail(ctx, failure{name: AccessDenied, reason: denied.Error()})
		return exitDenied, false
	case err != nil:
		j.log.Printf("first heartbeat: %v; starting all the same", err)
	}
	return 0, true
}

func (j *job) stoppedBeforeStart(received os.Signal) int {
	j.log.Printf("not started: %v", received)
	return exitSignal + int(received.(syscall.Signal))
}

// interruptible runs work until it ends or a signal comes, which it returns once work has ended.
func (j *job) interruptible(ctx context.Context, work func(context.Context) error) (os.Signal, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		err = work(ctx)
	}()
	select {
	case <-done:
		return nil, err
	case received := <-j.Signals:
		cancel()
		<-done
		return received, nil
	}
}

// ending is how the job ended.
type ending struct {
	status    syscall.WaitStatus
	seconds   float64
	oom       bool
	cancelled bool      // the token died while the job ran
	received  os.Signal // that steprun was told to stop with, or nil
	deadline  time.Time // of the grace, once the job was asked to stop
}

// execute runs the job to its end, keeping the token alive meanwhile.
func (j *job) execute(ctx context.Context, path string, env []string) (ending, error) {
	before, counted := oomKills(cgroupRoot, selfCgroup)
	started := time.Now()
	child, err := startChild(path, j.argv, env, j.Stdout, j.Stderr, &j.tail)
	if err != nil {
		return ending{}, fmt.Errorf("start %s: %w", j.argv[0], err)
	}
	ctx, cancel := context.WithCancel(ctx)
	dead := j.keepAlive(ctx)
	end := j.watch(child, dead)
	cancel()
	for range dead { // until the heartbeat has ended
	}
	// What was asked to stop may clean up in the grace, though its parent has ended: a pipe aborts its upload.
	child.drain(max(drainLimit, time.Until(end.deadline)))
	end.status = child.status
	end.seconds = time.Since(started).Seconds()
	after, _ := oomKills(cgroupRoot, selfCgroup)
	end.oom = counted && after > before
	return end, nil
}

// watch waits for the child's end and passes on what asks it to end sooner.
func (j *job) watch(child *child, dead <-chan error) ending {
	var end ending
	var grace <-chan time.Time
	stop := func(signal syscall.Signal) {
		child.signal(signal)
		if grace == nil {
			grace = time.After(j.Config.Grace)
			end.deadline = time.Now().Add(j.Config.Grace)
		}
	}
	for {
		select {
		case <-child.ended:
			return end
		case received := <-j.Signals:
			j.log.Printf("received %v; passing it on, %v of grace", received, j.Config.Grace)
			end.received = received
			stop(received.(syscall.Signal))
		case err, open := <-dead:
			if !open {
				dead = nil
				continue
			}
			j.log.Printf("cancelled: %v; stopping the job, %v of grace", err, j.Config.Grace)
			end.cancelled = true
			stop(syscall.SIGTERM)
		case <-grace:
			j.log.Printf("still running after %v of grace; killing it", j.Config.Grace)
			child.signal(syscall.SIGKILL)
		}
	}
}

func (j *job) command() string { return strings.Join(j.argv, " ") }

func makeOutputFile() (path string, remove func(), err error) {
	folder, err := os.MkdirTemp("", "steprun-")
	if err != nil {
		return "", nil, fmt.Errorf("make the folder of the output file (is there a writable TMPDIR?): %w", err)
	}
	return folder + "/output", func() { _ = os.RemoveAll(folder) }, nil
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

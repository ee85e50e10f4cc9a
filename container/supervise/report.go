package supervise

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/stepdeck/stepdeck/container/output"
	"golang.org/x/sys/unix"
)

// Error names of the failures that steprun reports. Retry rules of the machine match on them.
const (
	ScriptFailed    = "ScriptFailed"    // the job did not start, ended with a non-zero code, or was killed
	ScriptRetryable = "ScriptRetryable" // the job ended with exit code 75 (EX_TEMPFAIL)
	OutOfMemory     = "OutOfMemory"     // the kernel killed a process of the job for its memory
	OutputInvalid   = "OutputInvalid"   // the job ended with 0, its output file cannot be read
	OutputTooLarge  = "OutputTooLarge"  // the job ended with 0, its output fits nowhere
	InputInvalid    = "InputInvalid"    // the environment or the object of STEPRUN_INPUT is wrong
	AccessDenied    = "AccessDenied"    // the task role may not send heartbeats
)

const (
	exitRetryable = 75
	maxOutput     = 262_144  // bytes; AWS: SendTaskSuccess.output
	maxOutputFile = 16 << 20 // bytes; PID 1 reads it whole and must stay small
)

// failure is what SendTaskFailure is given. exit is the exit code of steprun.
type failure struct {
	name   string
	reason string
	end    *ending // nil when the job never ran
	exit   int
}

// report answers the token after the job's end and returns the exit code of steprun.
func (j *job) report(ctx context.Context, end ending, outputPath string) int {
	code := exitCode(end.status)
	switch {
	case end.cancelled:
		j.log.Printf("the job ended with %s after it was cancelled; nothing to report", describe(end.status))
		return 0
	case code == 0:
		return j.succeed(ctx, end, outputPath)
	case end.received != nil && j.Token != nil:
		j.log.Printf("the job ended with %s after %v; the reaper reports why the task was stopped", describe(end.status), end.received)
		return exitSignal + int(end.received.(syscall.Signal))
	default:
		return j.fail(ctx, failed(end, code))
	}
}

func failed(end ending, code int) failure {
	f := failure{name: ScriptFailed, reason: "the job ended with " + describe(end.status), end: &end, exit: code}
	switch {
	case end.oom:
		f.name = OutOfMemory
		f.reason = "the kernel killed a process of the job because the container's memory was used up; give the run more memory"
	case code == exitRetryable && end.status.Exited():
		f.name = ScriptRetryable
	}
	return f
}

func notStarted(err error) failure {
	exit := exitNotExecutable
	if errors.Is(err, fs.ErrNotExist) {
		exit = exitNotFound
	}
	return failure{name: ScriptFailed, reason: err.Error(), exit: exit}
}

func (j *job) succeed(ctx context.Context, end ending, outputPath string) int {
	answer, problem := j.readOutput(ctx, outputPath)
	if problem != nil {
		problem.end, problem.exit = &end, exitOutputInvalid
		return j.fail(ctx, *problem)
	}
	if j.Token == nil {
		fmt.Fprintln(j.Stdout, string(answer)) // nobody is left to tell
		return 0
	}
	err := j.Token.Succeed(ctx, string(answer), j.log)
	switch {
	case err == nil:
		j.log.Printf("reported success after %.1f s", end.seconds)
	case errors.Is(err, ErrClosed):
		j.log.Printf("success not needed: %v: the run has ended, timed out or moved on", err)
	default:
		j.log.Printf("the job succeeded, but that could not be reported: %v", err)
		return exitNotReported
	}
	return 0
}

// fail reports a failure and returns the exit code of steprun.
func (j *job) fail(ctx context.Context, f failure) int {
	j.log.Printf("%s: %s", f.name, mask(f.reason, j.Config.Secrets))
	if j.Token == nil {
		return f.exit
	}
	err := j.Token.Fail(ctx, f.name, j.cause(f), j.log)
	switch {
	case err == nil:
		j.log.Printf("reported %s", f.name)
	case errors.Is(err, ErrClosed):
		j.log.Printf("failure not needed: %v: the run has ended, timed out or moved on", err)
		return 0
	default:
		j.log.Printf("the failure could not be reported: %v", err)
	}
	return f.exit
}

func (j *job) cause(f failure) string {
	c := cause{
		Reason: f.reason, Command: j.command(), Task: j.task.ARN, LogStream: j.task.LogStream,
		Tail: j.tail.String(),
	}
	switch {
	case f.end == nil:
		c.ExitCode = &f.exit
	case f.end.status.Signaled():
		c.Signal = unix.SignalName(f.end.status.Signal())
		c.Seconds = f.end.seconds
	default:
		code := f.end.status.ExitStatus()
		c.ExitCode, c.Seconds = &code, f.end.seconds
	}
	return c.encode(j.Config.Secrets)
}

// readOutput returns what SendTaskSuccess is given: the output, or where it was put if it is too large.
func (j *job) readOutput(ctx context.Context, path string) (json.RawMessage, *failure) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return json.RawMessage("{}"), nil
	}
	if err == nil && info.Size() > maxOutputFile {
		return nil, &failure{name: OutputTooLarge, reason: fmt.Sprintf(
			"the output file has %d bytes; at most %d are read: put the data into S3 and its location into the output", info.Size(), maxOutputFile)}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &failure{name: OutputInvalid, reason: fmt.Sprintf("read the output file: %v", err)}
	}
	answer, err := output.Parse(data)
	if err != nil {
		return nil, &failure{name: OutputInvalid, reason: fmt.Sprintf("the output file is wrong: %v", err)}
	}
	if j.Token == nil || len(answer) <= maxOutput {
		return answer, nil
	}
	return j.storeOutput(ctx, answer)
}

func (j *job) storeOutput(ctx context.Context, answer json.RawMessage) (json.RawMessage, *failure) {
	tooLarge := fmt.Sprintf("the output has %d bytes, Step Functions takes %d", len(answer), maxOutput)
	if j.Config.Artifacts == nil {
		return nil, &failure{name: OutputTooLarge, reason: tooLarge +
			"; write less, or set STEPRUN_ARTIFACTS to s3://bucket/prefix, where larger output is kept"}
	}
	to := j.Config.Artifacts.Under("outputs/" + j.outputName() + ".json")
	if _, err := j.Objects.Put(ctx, bytes.NewReader(answer), to, "application/json"); err != nil {
		return nil, &failure{name: OutputTooLarge, reason: fmt.Sprintf("%s, and it could not be kept: %v", tooLarge, err)}
	}
	pointer, err := json.Marshal(map[string]string{"outputUri": to.String()})
	if err != nil {
		return nil, &failure{name: OutputTooLarge, reason: fmt.Sprintf("name %s: %v", to, err)}
	}
	j.log.Printf("%s; kept as %s", tooLarge, to)
	return pointer, nil
}

// outputName is the id of the task, or random outside ECS.
func (j *job) outputName() string {
	if at := strings.LastIndexByte(j.task.ARN, '/'); at >= 0 {
		return j.task.ARN[at+1:]
	}
	return rand.Text()
}

// exitCode is the shell's: 128 and the signal for a killed process.
func exitCode(status syscall.WaitStatus) int {
	if status.Signaled() {
		return exitSignal + int(status.Signal())
	}
	return status.ExitStatus()
}

func describe(status syscall.WaitStatus) string {
	if status.Signaled() {
		return "signal " + unix.SignalName(status.Signal())
	}
	return fmt.Sprintf("exit code %d", status.ExitStatus())
}

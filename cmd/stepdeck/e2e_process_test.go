//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/stepdeck/stepdeck/aws/local"
	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// program is stepdeck as a process of its own.
type program struct {
	command
	process *os.Process
}

// launch starts stepdeck with nothing of this environment but what it needs.
func launch(t *testing.T, state string, args ...string) *program {
	t.Helper()
	cmd := exec.Command(installed(), args...)
	cmd.Env = []string{asStepdeck + "=1", "HOME=" + state, "XDG_STATE_HOME=" + state, "PATH=" + os.Getenv("PATH")}
	p := &program{command: command{done: make(chan struct{})}}
	cmd.Stdout, cmd.Stderr = &p.out, &p.err
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.process = cmd.Process
	p.interrupt = func() { _ = p.process.Signal(os.Interrupt) } // it may have ended
	go func() {
		defer close(p.done)
		_ = cmd.Wait() // its exit code tells
		p.code = cmd.ProcessState.ExitCode()
	}()
	t.Cleanup(func() {
		p.interrupt()
		p.wait(t)
	})
	return p
}

// serve launches local AWS and returns its address.
func serve(t *testing.T, state string, args ...string) (*program, string) {
	t.Helper()
	p := launch(t, state, append([]string{"local"}, args...)...)
	p.until(t, "AWS_DISABLE_HOST_PREFIX_INJECTION")
	return p, regexp.MustCompile(`http://[0-9.:]+`).FindString(p.out.String())
}

// addressFile is where a process with this state folder tells others of itself.
func addressFile(state string) string { return localAddressFile(filepath.Join(state, "stepdeck")) }

// below lists the processes that work in a folder.
func below(folder string) []string {
	links, _ := filepath.Glob("/proc/[0-9]*/cwd") // the pattern is a good one
	var found []string
	for _, link := range links {
		if dir, err := os.Readlink(link); err == nil && strings.HasPrefix(dir, folder) {
			found = append(found, filepath.Dir(link))
		}
	}
	return found
}

func TestLocalServesUntilItIsInterrupted(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	server, url := serve(t, state)
	is(t, strings.ReplaceAll(server.out.String(), url, "URL"), `
export AWS_ENDPOINT_URL=URL
export AWS_REGION=us-east-1
export AWS_DEFAULT_REGION=us-east-1
export AWS_ACCESS_KEY_ID=local
export AWS_SECRET_ACCESS_KEY=local
export AWS_DISABLE_HOST_PREFIX_INJECTION=true
`)
	if _, err := os.Stat(addressFile(state)); err != nil {
		t.Errorf("other processes do not learn the address: %v", err)
	}
	exits0(t, launch(t, state, "--local", "start", "dumps-run", "drill", "deaf").wait(t))
	folder := filepath.Join(state, "stepdeck")
	shippedtest.Eventually(t, "the task's processes", func() error {
		// The entrypoint, the job, and what the job waits for.
		if found := below(folder); len(found) < 3 {
			return fmt.Errorf("there are %v", found)
		}
		return nil
	})

	server.interrupt()
	exits0(t, server.wait(t))
	if found := below(folder); len(found) > 0 {
		t.Errorf("processes are left: %v", found)
	}
	if _, err := os.Stat(addressFile(state)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the address is left: %v", err)
	}
	o := launch(t, state, "--endpoint-url", url, "--region", "us-east-1", "runs").wait(t)
	if o.code == exitDone {
		t.Errorf("the endpoint still answers: %s", o.out)
	}
}

func TestLocalDoesNotStartWhereItCannotServe(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	dir := filepath.Join(state, "here")
	_, url := serve(t, state, "--dir", dir)
	host := strings.TrimPrefix(url, "http://")
	_, port, _ := strings.Cut(host, ":")
	file := filepath.Join(state, "faults.json")
	if err := os.WriteFile(file, []byte(`[{"kind":"fire"}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(state, "project")
	kept := filepath.Join(foreign, "scripts", "build.sh")
	if err := errors.Join(os.MkdirAll(filepath.Dir(kept), 0o700), os.WriteFile(kept, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		args []string
		code int
		want []string
	}{
		"a port in use":       {[]string{"--listen", host, "--dir", dir + "2"}, exitFailed, []string{"127.0.0.1:" + port + ": the port is in use", "--listen"}},
		"a folder in use":     {[]string{"--dir", dir}, exitFailed, []string{dir, "use the one that runs with --local", "--dir"}},
		"not on loopback":     {[]string{"--listen", "0.0.0.0:0", "--dir", dir + "3"}, exitUsage, []string{"loopback only", `"0.0.0.0"`, "127.0.0.1:0"}},
		"no address":          {[]string{"--listen", "4566", "--dir", dir + "4"}, exitUsage, []string{`"4566" is not HOST:PORT`}},
		"an unknown runner":   {[]string{"--runner", "vm", "--dir", dir + "5"}, exitUsage, []string{`no runner "vm"`, "process or docker"}},
		"unreadable faults":   {[]string{"--faults", file + "x", "--dir", dir + "6"}, exitUsage, []string{"no such file"}},
		"an unknown fault":    {[]string{"--faults", file, "--dir", dir + "7"}, exitUsage, []string{`"fire" is not known`}},
		"a port that is none": {[]string{"--listen", "127.0.0.1:99999", "--dir", dir + "8"}, exitUsage, []string{`"99999"`, "from 0 to 65535"}},
		"a folder of others":  {[]string{"--dir", foreign}, exitUsage, []string{foreign, "holds other things"}},
		"reset of others":     {[]string{"reset", "--dir", foreign}, exitUsage, []string{foreign, "holds other things"}},
		"reset while it runs": {[]string{"reset", "--dir", dir}, exitFailed, []string{dir, "was not removed", "stop the one that runs"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := launch(t, state, append([]string{"local"}, test.args...)...).wait(t)
			exitsWith(t, o, test.code)
			has(t, o.err, test.want...)
			if _, err := os.Stat(addressFile(state)); err != nil {
				t.Errorf("the address of the one that runs is gone: %v", err)
			}
			if _, err := os.Stat(kept); err != nil {
				t.Errorf("somebody else's file is gone: %v", err)
			}
		})
	}
}

func TestControlCDetachesFromAFollowedRun(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	_, url := serve(t, state)
	following := launch(t, state, "--local", "start", "dumps-run", "drill", "hang", "--name", "long", "--follow")
	following.until(t, "drill: hang: 1 s")
	following.interrupt()
	o := following.wait(t)
	exitsWith(t, o, exitInterrupted)
	has(t, o.err, "detached: the run goes on")
	arn := "arn:aws:states:us-east-1:" + local.Account + ":execution:dumps-run:long"
	if status := newClients(url).describe(t, arn).Status; status != types.ExecutionStatusRunning {
		t.Errorf("the run is %s", status)
	}
}

func TestRunsSurviveTheDeathOfLocalAWS(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	server, _ := serve(t, state)
	exitsWith(t, launch(t, state, "--local", "start", "dumps-run", "drill", "fail", "3", "--name", "old", "--wait").wait(t), exitFailed)
	exits0(t, launch(t, state, "--local", "start", "--name", "torn", "dumps-run", "--", "drill", "succeed", "--after", "3").wait(t))
	folder := filepath.Join(state, "stepdeck")
	shippedtest.Eventually(t, "the task's processes", func() error {
		if found := below(folder); len(found) < 3 {
			return fmt.Errorf("there are %v", found)
		}
		// ECS knows of the container a moment after it runs.
		o := launch(t, state, "--local", "tokens", "--output", "json").wait(t)
		if !strings.Contains(o.out, `"RUNNING"`) {
			return fmt.Errorf("the tokens are %s", o.out)
		}
		return nil
	})
	if err := server.process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	server.wait(t)

	_, url := serve(t, state)
	c := newClients(url)
	arn := "arn:aws:states:us-east-1:" + local.Account + ":execution:dumps-run:"
	if run := c.describe(t, arn+"old"); run.Status != types.ExecutionStatusFailed {
		t.Errorf("the run that had ended is %s", run.Status)
	}
	shippedtest.Eventually(t, "the torn run succeeds", func() error {
		if run := c.describe(t, arn+"torn"); run.Status != types.ExecutionStatusSucceeded {
			return fmt.Errorf("it is %s", run.Status)
		}
		return nil
	})
	for _, event := range c.history(t, arn+"torn") {
		if event.Type == types.HistoryEventTypeTaskFailed {
			has(t, *event.TaskFailedEventDetails.Cause, "Local AWS was stopped while the task ran", `"exitCode":137`)
		}
	}
	o := launch(t, state, "--local", "logs", "old").wait(t)
	exits0(t, o)
	has(t, o.out, "drill: failing with 3, as told")
}

func TestResetClearsLocalAWS(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	server, _ := serve(t, state)
	exits0(t, launch(t, state, "--local", "start", "dumps-run", "drill", "succeed", "--wait").wait(t))
	server.interrupt()
	exits0(t, server.wait(t))
	o := launch(t, state, "local", "reset").wait(t)
	exits0(t, o)
	has(t, o.out, "Removed the state of local AWS in "+state)

	serve(t, state)
	o = launch(t, state, "--local", "runs", "--output", "json").wait(t)
	exits0(t, o)
	if runs := decoded[[]struct{ Status workflow.Status }](t, o.out); len(runs) != 0 {
		t.Errorf("after the reset there are %v", runs)
	}
}

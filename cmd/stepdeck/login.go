package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// loginGrace is how long the output of an ended login may stay open.
const loginGrace = time.Second

// ssoLogin runs the AWS CLI's login for the profile and delivers what it
// prints; the last line says how it ended. Ending ctx ends the login.
func ssoLogin(ctx context.Context, profile string) (<-chan safe.Text, error) {
	path, err := exec.LookPath("aws")
	if err != nil {
		return nil, &ops.Problem{
			Kind: ops.Usage, Title: safe.Line("the AWS CLI, which renews the session, is not installed"),
			Hint: safe.Line("install it, or renew the session in another terminal"), Err: err,
		}
	}
	args := []string{"sso", "login"}
	if profile != "" {
		args = append(args, "--profile", profile)
	}
	login := exec.CommandContext(ctx, path, args...)
	// A browser that the login opened may keep its output open.
	login.WaitDelay = loginGrace
	out, in := io.Pipe()
	login.Stdout, login.Stderr = in, in
	if err := login.Start(); err != nil {
		return nil, fmt.Errorf("start aws sso login: %w", err)
	}
	lines := make(chan safe.Text)
	go func() {
		err := login.Wait()
		if errors.Is(err, exec.ErrWaitDelay) {
			err = nil
		}
		_ = in.CloseWithError(err)
	}()
	go deliverLines(ctx, out, lines)
	return lines, nil
}

// deliverLines reads until the writer closes, with the login's error if it had one.
func deliverLines(ctx context.Context, out *io.PipeReader, lines chan<- safe.Text) {
	defer close(lines)
	defer out.Close()
	scanner := bufio.NewScanner(out)
	for scanner.Scan() {
		if !send(ctx, lines, safe.Line(scanner.Text())) {
			return
		}
	}
	end := safe.Line("the session has been renewed")
	if err := scanner.Err(); err != nil {
		end = safe.Linef("the login failed: %v", err)
	}
	send(ctx, lines, end)
}

func send(ctx context.Context, lines chan<- safe.Text, line safe.Text) bool {
	select {
	case lines <- line:
		return true
	case <-ctx.Done():
		return false
	}
}

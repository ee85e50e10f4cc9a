package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/stepdeck/stepdeck/container/objects"
	"github.com/stepdeck/stepdeck/container/supervise"
)

// memoryLimit is for the heap of PID 1: memory is the job's, and the kernel kills the biggest first.
const memoryLimit = 24 << 20

func supervised(argv []string) int {
	debug.SetMemoryLimit(memoryLimit)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	// Caught, not ignored: a log that is gone must not end steprun, and jobs would inherit ignoring it.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)

	ctx := context.Background()
	settings := supervise.ReadConfig(os.Environ())
	supervisor := &supervise.Supervisor{Config: settings, Signals: signals, Stdout: os.Stdout, Stderr: os.Stderr}
	if settings.Token != "" || settings.Input != nil {
		cfg, err := loadConfig(ctx)
		if err != nil {
			fmt.Fprintf(os.Stderr, "steprun: %v\n", err)
			return exitTrouble
		}
		supervisor.Objects = objects.New(cfg)
		if settings.Token != "" {
			supervisor.Token = supervise.NewToken(cfg, settings.Token)
		}
	}
	return supervisor.Run(ctx, argv)
}

// Steprun is the entrypoint of the container image: it runs a job and tells Step Functions how it
// ended. Jobs call it too, to move data to and from S3.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/stepdeck/stepdeck/aws/transport"
	"github.com/stepdeck/stepdeck/container/objects"
)

const usage = `steprun COMMAND [ARGS…]            run a job and answer the task token in TASK_TOKEN
steprun pipe [--compress zstd|gzip|none] [--trailer TEXT] s3://BUCKET/KEY -- PRODUCER [ARGS…]
                                   store what PRODUCER writes, if it ends well and is whole
steprun get s3://BUCKET/KEY FILE|-
steprun put [--content-type TYPE] FILE|- s3://BUCKET/KEY
steprun list s3://BUCKET/PREFIX    print the location of every object, one per line
`

// Exit codes of the commands for S3 (sysexits.h).
const (
	exitUsage   = 64
	exitTrouble = 74
	exitSignal  = 128
)

func main() { os.Exit(run(os.Args[1:])) }

// run takes everything for a job while there is a token to answer: no mistake in the command of a
// task may leave its run waiting.
func run(args []string) int {
	if os.Getenv("TASK_TOKEN") != "" {
		return supervised(args)
	}
	commands := map[string]func(context.Context, []string) error{"pipe": pipeTo, "get": get, "put": put, "list": list}
	switch {
	case len(args) == 0:
		fmt.Fprint(os.Stderr, usage)
		return exitUsage
	case args[0] == "help" || args[0] == "-h" || args[0] == "--help":
		fmt.Print(usage)
		return 0
	case commands[args[0]] != nil:
		return report(args[0], interruptible(func(ctx context.Context) error { return commands[args[0]](ctx, args[1:]) }))
	default:
		return supervised(args)
	}
}

// coded is an error that decides the exit code.
type coded struct {
	code int
	text string
}

func (e coded) Error() string { return e.text }

func misuse(format string, args ...any) error { return coded{exitUsage, fmt.Sprintf(format, args...)} }

func report(command string, err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintf(os.Stderr, "steprun: %s: %s\n", command, strings.ReplaceAll(err.Error(), "\n", "; "))
	var own coded
	if errors.As(err, &own) {
		return own.code
	}
	return exitTrouble
}

// interruptible runs work with a context that ends, with an error naming the signal, on SIGTERM and SIGINT.
func interruptible(work func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	defer signal.Stop(signals)
	go func() {
		select {
		case received := <-signals:
			cancel(coded{exitSignal + int(received.(syscall.Signal)), fmt.Sprintf("received %v; nothing was stored", received)})
		case <-ctx.Done():
		}
	}()
	err := work(ctx)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause
	}
	return err
}

func openStore(ctx context.Context) (*objects.Store, error) {
	cfg, err := loadConfig(ctx)
	if err != nil {
		return nil, err
	}
	return objects.New(cfg), nil
}

func loadConfig(ctx context.Context) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return aws.Config{}, fmt.Errorf("read the AWS configuration: %w", err)
	}
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = awshttp.NewBuildableClient()
	}
	cfg.HTTPClient = transport.Exact(cfg.HTTPClient)
	return cfg, nil
}

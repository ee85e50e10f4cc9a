package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/stepdeck/stepdeck/container/objects"
	"github.com/stepdeck/stepdeck/container/output"
	"github.com/stepdeck/stepdeck/container/pipe"
)

func pipeTo(ctx context.Context, args []string) error {
	settings, err := parsePipe(args)
	if err != nil {
		return err
	}
	if settings.Store, err = openStore(ctx); err != nil {
		return err
	}
	result, err := settings.Run(ctx)
	if err != nil {
		var failed *pipe.Error
		if errors.As(err, &failed) {
			return coded{failed.Code, fmt.Sprintf("%v; %s was not made", err, settings.To)}
		}
		return err
	}
	if result.CompanionErr != nil {
		fmt.Fprintf(os.Stderr, "steprun: pipe: %s is whole, but its checksum is only in the output: %v\n", settings.To, result.CompanionErr)
	}
	return writeResult(settings.To, result)
}

func parsePipe(args []string) (pipe.Pipe, error) {
	settings := pipe.Pipe{Stdin: os.Stdin, Stderr: os.Stderr}
	flags := flag.NewFlagSet("pipe", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&settings.Compress, "compress", "zstd", "")
	flags.StringVar(&settings.Trailer, "trailer", "", "")
	if err := flags.Parse(args); err != nil {
		return pipe.Pipe{}, misuse("%v", err)
	}
	rest := flags.Args()
	if len(rest) < 3 || rest[1] != "--" {
		return pipe.Pipe{}, misuse("give s3://BUCKET/KEY -- PRODUCER [ARGS…] after the options")
	}
	var err error
	if settings.To, err = objects.Parse(rest[0]); err != nil {
		return pipe.Pipe{}, misuse("%v", err)
	}
	switch _, known := pipe.Compressors[settings.Compress]; {
	case settings.Compress == "none":
		settings.Compress = ""
	case !known:
		return pipe.Pipe{}, misuse("--compress is %q; give zstd, gzip or none", settings.Compress)
	}
	settings.Producer = rest[2:]
	return settings, nil
}

// writeResult adds to the job's output, or prints where there is none.
func writeResult(to objects.Location, result pipe.Result) error {
	fields := []output.Field{
		{Name: "bucket", Value: to.Bucket},
		{Name: "key", Value: to.Key},
		{Name: "bytes", Value: strconv.FormatInt(result.Bytes, 10)},
		{Name: "rawBytes", Value: strconv.FormatInt(result.RawBytes, 10)},
		{Name: "sha256", Value: result.SHA256},
		{Name: "parts", Value: strconv.Itoa(result.Parts)},
		{Name: "seconds", Value: strconv.FormatFloat(result.Seconds, 'f', 1, 64)},
	}
	if path := os.Getenv("STEPRUN_OUTPUT"); path != "" {
		return output.Append(path, fields)
	}
	for _, field := range fields {
		fmt.Printf("%s=%s\n", field.Name, field.Value)
	}
	return nil
}

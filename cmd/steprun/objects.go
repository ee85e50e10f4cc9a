package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/stepdeck/stepdeck/container/objects"
)

func get(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return misuse("give s3://BUCKET/KEY and FILE, or - for stdout")
	}
	from, err := objects.Parse(args[0])
	if err != nil {
		return misuse("%v", err)
	}
	store, err := openStore(ctx)
	if err != nil {
		return err
	}
	if args[1] == "-" {
		_, err := store.Get(ctx, from, os.Stdout)
		return err
	}
	return getFile(ctx, store, from, args[1])
}

// getFile leaves a whole file or none.
func getFile(ctx context.Context, store *objects.Store, from objects.Location, path string) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".steprun-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) //nolint:errcheck // gone already after the renaming
	_, err = store.Get(ctx, from, file)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

func put(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("put", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	contentType := flags.String("content-type", "", "")
	names, err := parseMixed(flags, args)
	if err != nil {
		return misuse("%v", err)
	}
	if len(names) != 2 {
		return misuse("give FILE, or - for stdin, and s3://BUCKET/KEY")
	}
	to, err := objects.Parse(names[1])
	if err != nil {
		return misuse("%v", err)
	}
	store, err := openStore(ctx)
	if err != nil {
		return err
	}
	from := os.Stdin
	if names[0] != "-" {
		if from, err = os.Open(names[0]); err != nil {
			return err
		}
		defer func() { _ = from.Close() }()
	}
	_, err = store.Put(ctx, from, to, *contentType)
	return err
}

// parseMixed lets options stand before, between and after the names.
func parseMixed(flags *flag.FlagSet, args []string) ([]string, error) {
	var names []string
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		if flags.NArg() == 0 {
			return names, nil
		}
		names = append(names, flags.Arg(0))
		args = flags.Args()[1:]
	}
}

func list(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return misuse("give s3://BUCKET/PREFIX")
	}
	prefix, err := objects.ParsePrefix(args[0])
	if err != nil {
		return misuse("%v", err)
	}
	store, err := openStore(ctx)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	err = store.List(ctx, prefix, func(found objects.Location) error {
		if strings.Contains(found.Key, "\n") {
			return fmt.Errorf("the key %q has a line break, which a list of lines cannot hold; rename the object", found.Key)
		}
		_, err := fmt.Fprintln(out, found)
		return err
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

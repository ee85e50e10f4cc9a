package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/term"
	"github.com/muesli/cancelreader"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

// valueLimit is the most that is read of standard input: more is no secret.
const valueLimit = 64 << 10

// readValue reads a value from standard input; a line break at its end is not part of it.
func (a *app) readValue(ctx context.Context) (stack.Value, error) {
	text, err := a.readAll(ctx)
	if ctx.Err() != nil {
		return stack.Value{}, ctx.Err()
	}
	if err != nil {
		return stack.Value{}, fmt.Errorf("reading the value: %w", err)
	}
	return stack.NewValue(strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")), nil
}

// readAll reads standard input until it ends, or ctx does.
func (a *app) readAll(ctx context.Context) ([]byte, error) {
	limited := func(r io.Reader) ([]byte, error) { return io.ReadAll(io.LimitReader(r, valueLimit)) }
	reader, err := cancelreader.NewReader(a.in)
	if err != nil {
		// What cannot be waited for, such as a file, never keeps a reader waiting.
		return limited(a.in)
	}
	defer func() { _ = reader.Close() }()
	stop := context.AfterFunc(ctx, func() { reader.Cancel() })
	defer stop()
	return limited(reader)
}

// readHidden asks on the terminal for lines that are not shown. The terminal
// stays hidden from before the first question to after the last answer, so that
// nothing typed ahead is shown either.
func (a *app) readHidden(ctx context.Context, terminal *os.File, questions ...safe.Text) ([]string, error) {
	before, err := term.MakeRaw(terminal.Fd())
	if err != nil {
		return nil, fmt.Errorf("hiding what is typed: %w", err)
	}
	defer func() { _ = term.Restore(terminal.Fd(), before) }()
	reader, err := cancelreader.NewReader(terminal)
	if err != nil {
		return nil, fmt.Errorf("reading the value: %w", err)
	}
	defer func() { _ = reader.Close() }()
	stop := context.AfterFunc(ctx, func() { reader.Cancel() })
	defer stop()
	typed := bufio.NewReader(reader)
	answers := make([]string, len(questions))
	for i, question := range questions {
		a.say("%s ", question)
		answers[i], err = rawLine(typed)
		// A terminal in raw mode does not go back to the first column by itself.
		a.say("\r\n")
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			return nil, err
		}
	}
	return answers, nil
}

// The keys of a terminal in raw mode that do something to the line.
const (
	keyInterrupt = 0x03
	keyEnd       = 0x04
	keyBackspace = 0x08
	keyKill      = 0x15
	keyDelete    = 0x7f
)

// rawLine reads a line of a terminal in raw mode, which leaves editing to the program.
func rawLine(r *bufio.Reader) (string, error) {
	var line []byte
	for {
		b, err := r.ReadByte()
		if err == io.EOF {
			return string(line), nil
		}
		if err != nil {
			return "", fmt.Errorf("reading the value: %w", err)
		}
		switch b {
		case '\r', '\n':
			return string(line), nil
		case keyEnd:
			if len(line) == 0 {
				return "", nil
			}
		case keyInterrupt:
			return "", refuse("nothing was changed", safe.Line("it was interrupted"), "run it again")
		case keyBackspace, keyDelete:
			_, size := utf8.DecodeLastRune(line)
			line = line[:len(line)-size]
		case keyKill:
			line = line[:0]
		default:
			line = append(line, b)
		}
	}
}

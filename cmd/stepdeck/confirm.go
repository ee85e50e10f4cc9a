package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/muesli/cancelreader"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// confirm asks before a change; the answer is No unless it is yes. Where nobody can be
// asked, only --yes allows the change.
func (a *app) confirm(ctx context.Context, question safe.Text) error {
	if a.flags.yes {
		return nil
	}
	if !a.asks {
		return refuse("this changes things and nobody can be asked", question, "add --yes to do it without asking")
	}
	answer, err := a.ask(ctx, safe.Linef("%s [y/N]", question))
	if err != nil {
		return err
	}
	if answer = strings.ToLower(answer); answer == "y" || answer == "yes" {
		return nil
	}
	return refuse("nothing was changed", safe.Line("the answer was not yes"), "answer y, or add --yes")
}

// ask puts a question on stderr and returns the line that is typed, empty at the end of the input.
func (a *app) ask(ctx context.Context, question safe.Text) (string, error) {
	a.say("%s ", question)
	reader, err := cancelreader.NewReader(a.in)
	if err != nil {
		return "", fmt.Errorf("reading the answer: %w", err)
	}
	defer func() { _ = reader.Close() }()
	stop := context.AfterFunc(ctx, func() { reader.Cancel() })
	defer stop()
	answer, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		a.say("\n")
	}
	return strings.TrimSpace(answer), ctx.Err()
}

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
	a.say("%s [y/N] ", question)
	reader, err := cancelreader.NewReader(a.in)
	if err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	defer func() { _ = reader.Close() }()
	stop := context.AfterFunc(ctx, func() { reader.Cancel() })
	defer stop()
	answer, err := bufio.NewReader(reader).ReadString('\n')
	if ctx.Err() != nil {
		a.say("\n")
		return ctx.Err()
	}
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer == "y" || answer == "yes" {
		return nil
	}
	if err != nil {
		a.say("\n")
	}
	return refuse("nothing was changed", safe.Line("the answer was not yes"), "answer y, or add --yes")
}

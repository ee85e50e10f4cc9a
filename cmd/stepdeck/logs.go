package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

type logsFlags struct {
	follow                       bool
	since, grep, container, save string
	attempt                      int
}

func newLogsCommand(a *app) *cobra.Command {
	f := logsFlags{}
	c := &cobra.Command{
		Use:     "logs RUN",
		Short:   "Print a run's log, attempt after attempt",
		Example: "  stepdeck logs -f @latest\n  stepdeck logs dumps/2026-11-23-orders --grep error --attempt 2",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return a.logs(c.Context(), args[0], f) },
	}
	flags := c.Flags()
	flags.BoolVarP(&f.follow, "follow", "f", false, "go on until the run has ended")
	flags.StringVar(&f.since, "since", "", "only lines since: a `SPAN` such as 15m, a date or a time")
	flags.StringVar(&f.grep, "grep", "", "only lines with this `TEXT`; lower case matches both")
	flags.StringVar(&f.container, "container", "", "only this `CONTAINER`")
	flags.IntVar(&f.attempt, "attempt", 0, "only this attempt, `NUMBER` 1 being the first task of the run")
	flags.StringVar(&f.save, "save", "", "write the lines, byte by byte as they came, into this `FILE` instead")
	return c
}

func (a *app) logs(ctx context.Context, arg string, f logsFlags) error {
	since, err := parseSince(f.since, a.now())
	if err != nil {
		return err
	}
	if f.attempt < 0 {
		return refuse("--attempt", safe.Linef("%d is not 1 or more", f.attempt), "attempts count from 1; leave it out for all")
	}
	s, err := a.service(ctx)
	if err != nil {
		return err
	}
	run, err := findRun(ctx, s, arg)
	if err != nil {
		return err
	}
	request := ops.TailRequest{
		RunARN: run.ARN, Since: since, Grep: f.grep, Container: f.container, Attempt: f.attempt, Follow: f.follow,
	}
	if f.save == "" {
		return a.tail(ctx, s, request, nil)
	}
	return a.saveLog(ctx, s, request, f.save)
}

// saveLog writes the raw lines into a file; it must not exist yet, or be confirmed.
func (a *app) saveLog(ctx context.Context, s *ops.Service, request ops.TailRequest, name string) error {
	if _, err := os.Stat(name); err == nil {
		if err := a.confirm(ctx, safe.Linef("Overwrite %s?", name)); err != nil {
			return err
		}
	}
	file, err := os.Create(name)
	if err != nil {
		return refuse("--save", safe.Line(err.Error()), "name a file that can be written")
	}
	out := bufio.NewWriter(file)
	err = a.tail(ctx, s, request, out)
	if ferr := out.Flush(); err == nil {
		err = ferr
	}
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		a.note("saved %s", name)
	}
	return err
}

// tail prints the log until its end, or writes it raw to save if that is not nil.
func (a *app) tail(ctx context.Context, s *ops.Service, request ops.TailRequest, save *bufio.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	attempt, lines := 0, 0
	for item := range s.Tail(ctx, request) {
		var err error
		switch {
		case item.Err != nil:
			return item.Err
		case !item.Notice.Empty():
			a.note("%s", item.Notice)
			continue
		case save != nil:
			_, err = save.WriteString(item.Line.Raw + "\n")
		default:
			if item.Attempt != attempt && a.flags.output == "table" {
				attempt = item.Attempt
				a.note("── attempt %d, task %s", attempt, item.TaskARN)
			}
			err = a.printLine(item)
		}
		if err != nil {
			return err
		}
		lines++
	}
	if err := ctx.Err(); err != nil {
		if request.Follow {
			a.detached(ctx, request.RunARN)
		}
		return err
	}
	if lines == 0 && request.Grep != "" && a.flags.output != "json" {
		a.note("no line that was read has %s; without --grep all are printed", safe.Linef("%q", request.Grep))
	}
	return nil
}

type lineView struct {
	Time      time.Time `json:"time"`
	Attempt   int       `json:"attempt"`
	Container string    `json:"container"`
	Text      string    `json:"text"`
}

// printLine prints a line; as JSON one object a line, because a log has no end to close a list with.
func (a *app) printLine(item ops.TailItem) error {
	var err error
	switch a.flags.output {
	case "json":
		var line []byte
		line, err = json.Marshal(lineView{
			Time: item.Line.Time.UTC(), Attempt: item.Attempt, Container: item.Container, Text: item.Line.Text.String(),
		})
		if err == nil {
			_, err = fmt.Fprintf(a.out, "%s\n", line)
		}
	case "name":
		_, err = fmt.Fprintln(a.out, item.Line.Text)
	default:
		_, err = fmt.Fprintf(a.out, "%s  %s\n", item.Line.Time.In(a.now().Location()).Format("15:04:05.000"), item.Line.Text)
	}
	return err
}

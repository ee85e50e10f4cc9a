package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/charmbracelet/x/term"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// stripParts is how many parts of time a group's strip has.
const stripParts = 12

func (a *app) whyWindow(f whyFlags) (ops.Window, error) {
	if f.limit < 1 || f.limit > 10_000 {
		return ops.Window{}, refuse("--limit", safe.Linef("%d is not from 1 to 10,000", f.limit), "choose a number in that range")
	}
	since, err := parseSince(f.since, a.now())
	return ops.Window{Since: since, Limit: f.limit}, err
}

// whyMachine prints what is known even where a part could not be read.
func (a *app) whyMachine(ctx context.Context, s *ops.Service, w ops.Window) error {
	tell, told := a.groupProgress()
	found, err := s.GroupFailures(ctx, w, stripParts, tell)
	told()
	if err != nil && found.Known == 0 {
		return err
	}
	out := listing{
		head: []string{"COUNT", "SHARE", "FIRST", "LAST", "OVER TIME", "KIND", "STATE", "ERROR", "CAUSE"}, items: viewGroups(found, w),
		empty: "No failed run in what was read.",
	}
	for _, g := range found.Groups {
		out.names = append(out.names, g.ID)
		out.rows = append(out.rows, cells(
			safe.Linef("%d", g.Count), safe.Linef("%.0f%%", 100*g.Share), clockTime(g.First, a.now()), clockTime(g.Last, a.now()), overTime(g.Strip),
			safe.Line(string(g.Kind)), g.Signature.State, g.Signature.Error, g.Signature.Cause.Truncate(120)))
	}
	if printErr := a.printList(out); printErr != nil {
		return printErr
	}
	return a.notGrouped(found, err)
}

// groupsView is the stable form of a machine's failures for programs: what was looked at, what of
// it is not known, and the groups.
type groupsView struct {
	Machine string     `json:"machine"`
	Since   time.Time  `json:"since,omitzero"`
	Failed  int        `json:"failed"` // failed runs found
	Known   int        `json:"known"`  // of them, those whose cause was read
	Unread  []restView `json:"unread"` // what of the window was not read; empty: nothing
	// Error is why causes are not known, of the first that could not be read.
	Error  safe.Text          `json:"error,omitzero"`
	Groups []ops.FailureGroup `json:"groups"`
}

// restView is a part of a window that was not read: the runs in a status that started before a time.
type restView struct {
	Status workflow.Status `json:"status"`
	Before time.Time       `json:"before,omitzero"`
	Error  safe.Text       `json:"error,omitzero"` // why, if not for the limit
}

func viewGroups(found ops.GroupedFailures, w ops.Window) groupsView {
	v := groupsView{Machine: w.MachineARN, Since: w.Since, Failed: found.Failed, Known: found.Known, Error: errorText(found.Err), Groups: found.Groups, Unread: []restView{}}
	for _, u := range found.Unread {
		v.Unread = append(v.Unread, restView{u.Status, u.Before, errorText(u.Err)})
	}
	if v.Groups == nil {
		v.Groups = []ops.FailureGroup{}
	}
	return v
}

func errorText(err error) safe.Text {
	if err == nil {
		return safe.Text{}
	}
	return safe.Line(err.Error())
}

// notGrouped tells what was looked at and what is missing in the groups, and returns why if that is
// a failure.
func (a *app) notGrouped(found ops.GroupedFailures, err error) error {
	a.note("failed runs looked at: %s", safe.Count(found.Failed))
	for _, u := range found.Unread {
		a.note("not loaded: %s runs of %s that started before %s; --limit reads more", u.Status, workflow.MachineName(u.MachineARN), clockTime(u.Before, a.now()))
		if err == nil {
			err = u.Err
		}
	}
	if left := found.Failed - found.Known; left > 0 {
		a.note("not known: the causes of %d of %d failed runs", left, found.Failed)
	}
	if err == nil {
		err = found.Err
	}
	return err
}

// groupProgress draws how far the reading is on one line of stderr, where that is a terminal,
// until told is called.
func (a *app) groupProgress() (tell func(ops.GroupedFailures), told func()) {
	file, ok := a.err.(*os.File)
	if !ok || !term.IsTerminal(file.Fd()) || a.flags.output == "json" {
		return nil, func() {}
	}
	clearLine := func() { a.say("\r\x1b[K") }
	return func(g ops.GroupedFailures) {
		clearLine()
		a.say("%d failed runs, the causes of %d read: %d groups", g.Failed, g.Known, len(g.Groups))
	}, clearLine
}

// overTime draws counts in one digit each; + is ten or more.
func overTime(counts []int) safe.Text {
	var out strings.Builder
	for _, n := range counts {
		switch {
		case n == 0:
			out.WriteByte('.')
		case n > 9:
			out.WriteByte('+')
		default:
			fmt.Fprint(&out, n)
		}
	}
	return safe.Line(out.String())
}

package screen

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

// many is runs that are acted on together, from the screen they are listed on.
type many struct {
	c    *Console
	s    *tui.Scope
	runs []workflow.Run
	// change is proposed for a clone.
	change workflow.Overrides
}

// over makes an action of one run the same over many; nil where there is none.
func (m many) over(id tui.ID) func() tea.Cmd {
	switch id {
	case tui.KeyRedrive:
		return func() tea.Cmd { return m.preview(ops.BulkRequest{Action: ops.BulkRedrive}) }
	case tui.KeyStop:
		return m.stop
	case tui.KeyClone:
		return m.clone
	case tui.KeyToken:
		return m.failTokens
	}
	return nil
}

// preview opens the bulk action's screen. The list is read again on return.
func (m many) preview(request ops.BulkRequest) tea.Cmd {
	if len(m.runs) == 0 {
		return tui.Toast(tui.Warn, safe.Linef("there is no run to %s", lower(bulkVerbs[request.Action].does)))
	}
	return tea.Batch(tui.Push(newBulk(m.c, request, m.runs)), tui.After(m.s, runChanged, restTime))
}

func (m many) stop() tea.Cmd {
	return askStop(m.c, safe.Linef("Stop %d runs", len(m.runs)), func(how stopping) tea.Cmd {
		return m.preview(ops.BulkRequest{Action: ops.BulkStop, Cause: how.cause, StopTasks: how.tasks})
	})
}

// failTokens asks why, and whether tasks that still work are stopped.
func (m many) failTokens() tea.Cmd {
	request := ops.BulkRequest{Action: ops.BulkFailToken}
	title := safe.Linef("Fail the open tokens of %d runs", len(m.runs))
	prompt := &tui.Prompt{
		Title: title, Yes: "go on", Note: []safe.Text{safe.Line("Each gets the error and the cause that ECS gives for its task.")},
		Fields: []tui.Field{{Label: safe.Line("why you do it, kept in the cause; may be empty")}},
		Then: func(r tui.Result) tea.Cmd {
			if !r.OK {
				return nil
			}
			request.Why = r.Values[0]
			return m.preview(request)
		},
	}
	return tui.Ask(&tui.Choice{
		Title: title,
		Options: []tui.Option{
			{Label: safe.Line("those whose task is gone"), Help: safe.Line("nothing else will answer them; all others are left out")},
			{Label: safe.Line("all, and stop the tasks that still work"), Help: safe.Line("what they have done so far may be lost")},
		},
		Then: func(r tui.Result) tea.Cmd {
			if !r.OK {
				return nil
			}
			request.StopTasks = r.Choice == 1
			return tui.Ask(prompt)
		},
	})
}

// clone asks for the change that each new run gets.
func (m many) clone() tea.Cmd {
	fields := make([]tui.Field, len(changeFields))
	for i, f := range changeFields {
		fields[i] = tui.Field{Label: safe.Line(f.label), Value: f.get(m.change), Check: func(text string) error {
			var o workflow.Overrides
			return f.put(&o, text)
		}}
	}
	return tui.Ask(&tui.Prompt{
		Title: safe.Linef("Start %d runs again", len(m.runs)), Yes: "preview", Fields: fields,
		Note: []safe.Text{safe.Line("Each starts with the input it had, and this change. Empty: as it was.")},
		Then: func(r tui.Result) tea.Cmd {
			if !r.OK {
				return nil
			}
			request := ops.BulkRequest{Action: ops.BulkClone}
			for i, f := range changeFields {
				if err := f.put(&request.Overrides, r.Values[i]); err != nil {
					return refused(err)
				}
			}
			return m.preview(request)
		},
	})
}

// changeField is a parameter of a change; put leaves it alone where text is empty.
type changeField struct {
	label string
	get   func(workflow.Overrides) string
	put   func(o *workflow.Overrides, text string) error
}

var changeFields = []changeField{
	{"args", func(o workflow.Overrides) string { return quoted(o.Args) }, putArgs},
	{"env, as NAME=VALUE", func(o workflow.Overrides) string { return "" }, putEnv},
	{"memory, MiB", func(o workflow.Overrides) string { return numeral(o.Memory) }, putNumber("memory", func(o *workflow.Overrides, n int) { o.Memory = n })},
	{"cpu, units of 1/1024", func(o workflow.Overrides) string { return numeral(o.CPU) }, putNumber("cpu", func(o *workflow.Overrides, n int) { o.CPU = n })},
	{"capacity, spot or fargate", func(o workflow.Overrides) string { return o.Capacity }, func(o *workflow.Overrides, text string) error {
		o.Capacity = strings.TrimSpace(text)
		return wrongIn(*o)
	}},
	{"timeout, such as 90m", func(o workflow.Overrides) string { return span(o.Timeout) }, putTimeout},
}

func quoted(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = workflow.QuoteWord(w)
	}
	return strings.Join(out, " ")
}

func numeral(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func span(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func putArgs(o *workflow.Overrides, text string) error {
	words, err := workflow.SplitWords(text)
	if err != nil {
		return err
	}
	o.Args = words
	return wrongIn(*o)
}

func putEnv(o *workflow.Overrides, text string) error {
	words, err := workflow.SplitWords(text)
	if err == nil && len(words) > 0 {
		o.Env, err = workflow.ParseEnv(words)
	}
	if err != nil {
		return err
	}
	return wrongIn(*o)
}

func putNumber(name string, set func(*workflow.Overrides, int)) func(*workflow.Overrides, string) error {
	return func(o *workflow.Overrides, text string) error {
		if text = strings.TrimSpace(text); text == "" {
			return nil
		}
		n, err := strconv.Atoi(text)
		if err != nil || n <= 0 {
			return &workflow.FieldError{Field: name, Reason: fmt.Sprintf("%q is no whole number above 0", text)}
		}
		set(o, n)
		return nil
	}
}

func putTimeout(o *workflow.Overrides, text string) error {
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return &workflow.FieldError{Field: "timeout", Reason: fmt.Sprintf("%q is no span of time; write it as 45m or 2h30m", text)}
	}
	o.Timeout = d
	return wrongIn(*o)
}

// wrongIn is the first thing that is wrong with a change. Memory and CPU are
// checked together, in the plan.
func wrongIn(o workflow.Overrides) error {
	o.CPU, o.Memory = 0, 0
	for _, e := range o.Check() {
		return e
	}
	return nil
}

// containerOf names the container that the parameters reach where every machine
// of the runs is known to be a managed one, so that their size is checked.
func (c *Console) containerOf(ctx context.Context, runs []workflow.Run) string {
	seen := map[string]bool{}
	for _, run := range runs {
		arn := machineOf(run).ARN
		if seen[arn] {
			continue
		}
		seen[arn] = true
		if d, err := definitionOf(ctx, c, arn); err != nil || !d.Managed() {
			return ""
		}
	}
	return workflow.ManagedContainer
}

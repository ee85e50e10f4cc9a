package screen

import (
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

// clone asks for the change that each new run gets.
func (m many) clone() tea.Cmd {
	fields := make([]tui.Field, len(changeFields))
	for i, f := range changeFields {
		fields[i] = tui.Field{Label: safe.Line(f.label), Value: f.get(m.change), Check: func(text string) error {
			return f.put(&ops.BulkRequest{}, text)
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
				if err := f.put(&request, r.Values[i]); err != nil {
					return refused(err)
				}
			}
			return m.preview(request)
		},
	})
}

// changeField is a part of a change; put leaves it alone where text is empty.
type changeField struct {
	label string
	get   func(workflow.Overrides) string
	put   func(r *ops.BulkRequest, text string) error
}

var changeFields = []changeField{
	{"args", func(o workflow.Overrides) string { return quoted(o.Args) }, putArgs},
	{"env, as NAME=VALUE", nothing, putEnv},
	{"memory, MiB", func(o workflow.Overrides) string { return numeral(o.Memory) }, putNumber("memory", func(o *workflow.Overrides, n int) { o.Memory = n })},
	{"cpu, units of 1/1024", func(o workflow.Overrides) string { return numeral(o.CPU) }, putNumber("cpu", func(o *workflow.Overrides, n int) { o.CPU = n })},
	{"capacity, spot or fargate", func(o workflow.Overrides) string { return o.Capacity }, putWord(func(o *workflow.Overrides, word string) { o.Capacity = word })},
	{"timeout, such as 90m", func(o workflow.Overrides) string { return span(o.Timeout) }, putTimeout},
	{"overlap: skip, wait or allow", func(o workflow.Overrides) string { return o.Overlap }, putWord(func(o *workflow.Overrides, word string) { o.Overlap = word })},
	{"merge, JSON put over each input", nothing, putMerge},
}

func nothing(workflow.Overrides) string { return "" }

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

func putArgs(r *ops.BulkRequest, text string) error {
	words, err := workflow.SplitWords(text)
	if err != nil || len(words) == 0 { // no words leave each run its own
		return err
	}
	r.Overrides.Args = words
	return wrongIn(r.Overrides)
}

func putEnv(r *ops.BulkRequest, text string) error {
	words, err := workflow.SplitWords(text)
	if err == nil && len(words) > 0 {
		r.Overrides.Env, err = workflow.ParseEnv(words)
	}
	if err != nil {
		return err
	}
	return wrongIn(r.Overrides)
}

func putWord(set func(*workflow.Overrides, string)) func(*ops.BulkRequest, string) error {
	return func(r *ops.BulkRequest, text string) error {
		set(&r.Overrides, strings.TrimSpace(text))
		return wrongIn(r.Overrides)
	}
}

func putNumber(name string, set func(*workflow.Overrides, int)) func(*ops.BulkRequest, string) error {
	return func(r *ops.BulkRequest, text string) error {
		if text = strings.TrimSpace(text); text == "" {
			return nil
		}
		n, err := strconv.Atoi(text)
		if err != nil || n <= 0 {
			return &workflow.FieldError{Field: name, Reason: fmt.Sprintf("%q is no whole number above 0", text)}
		}
		set(&r.Overrides, n)
		return nil
	}
}

func putTimeout(r *ops.BulkRequest, text string) error {
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return &workflow.FieldError{Field: "timeout", Reason: fmt.Sprintf("%q is no span of time; write it as 45m or 2h30m", text)}
	}
	r.Overrides.Timeout = d
	return wrongIn(r.Overrides)
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

func putMerge(r *ops.BulkRequest, text string) error {
	r.Merge = strings.TrimSpace(text)
	return r.CheckMerge()
}

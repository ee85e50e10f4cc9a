package main

import (
	"cmp"
	"context"
	"os"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/term"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// previewed is how many runs of each kind a preview names.
const previewed = 10

// previewOf tells what would be done, what not and why, and how long it takes.
func previewOf(plan ops.BulkPlan, rate ops.Rate) []safe.Text {
	verb := bulkVerbs[plan.Request.Action]
	lines := []safe.Text{safe.Linef("%s %d of %d runs:", verb.does, len(plan.Items), len(plan.Items)+len(plan.Excluded))}
	for _, item := range plan.Items[:min(previewed, len(plan.Items))] {
		line := safe.Linef("  %s %s", reference(item.RunARN), item.Status)
		if !item.Warning.Empty() {
			line = safe.Linef("%s: %s", line, item.Warning)
		}
		lines = append(lines, line)
	}
	lines = append(lines, more(len(plan.Items))...)
	if len(plan.Excluded) > 0 {
		lines = append(lines, safe.Linef("Not these %d:", len(plan.Excluded)))
	}
	for _, x := range plan.Excluded[:min(previewed, len(plan.Excluded))] {
		lines = append(lines, safe.Linef("  %s: %s", reference(x.Item.RunARN), x.Reason))
	}
	lines = append(lines, more(len(plan.Excluded))...)
	return append(lines, safe.Linef("At most %.4g a second after the first %.4g; at least %s.", rate.PerSecond, rate.Burst, safe.Duration(rate.Time(len(plan.Items)))))
}

func more(n int) []safe.Text {
	if n <= previewed {
		return nil
	}
	return []safe.Text{safe.Linef("  and %d more", n-previewed)}
}

// confirmBulk shows the preview and has the number of runs typed. Where nobody can be asked,
// only --yes allows the change.
func (a *app) confirmBulk(ctx context.Context, preview []safe.Text, n int, verb bulkVerb) error {
	if a.flags.yes {
		return nil
	}
	if !a.asks {
		return refuse("this changes things and nobody can be asked", safe.Linef("%s %d runs?", verb.does, n), "add --yes to do it without asking")
	}
	for _, line := range preview {
		a.say("%s\n", line)
	}
	answer, err := a.ask(ctx, safe.Linef("Type %d to %s them:", n, verb.order))
	if err != nil {
		return err
	}
	if answer != strconv.Itoa(n) {
		return refuse("nothing was changed", safe.Linef("the answer was not %d", n), "type the number of runs, or add --yes")
	}
	return nil
}

// nothingToDo is the problem that every run is excluded. What was named is shown with the reason.
func (a *app) nothingToDo(plan ops.BulkPlan, named bool) error {
	verb := bulkVerbs[plan.Request.Action]
	if err := a.printBulk(nil, nil, plan.Excluded, verb); err != nil {
		return err
	}
	p := &ops.Problem{
		Kind: ops.NotFound, Title: safe.Linef("nothing to %s: none of %d runs can be %s", verb.order, len(plan.Excluded), verb.done),
		Hint: safe.Line("the list tells why; select other runs"),
	}
	if named {
		p.Kind = ops.Conflict
	}
	return p
}

// showProgress draws how far it is on one line of stderr while that is a terminal, until the
// returned function is called after the bulk action was closed.
func (a *app) showProgress(b *ops.Bulk, verb bulkVerb) (done func()) {
	ended := make(chan struct{})
	file, ok := a.err.(*os.File)
	drawn := ok && term.IsTerminal(file.Fd()) && a.flags.output != "json"
	go func() {
		defer close(ended)
		for p := range b.Updates() {
			if drawn {
				a.say("\r\x1b[K%s", progressLine(p, verb))
			}
		}
		if drawn {
			a.say("\r\x1b[K")
		}
	}()
	return func() { <-ended }
}

func progressLine(p ops.BulkProgress, verb bulkVerb) safe.Text {
	line := safe.Linef("%d of %d %s", p.Done, p.Total, verb.done)
	if p.Skipped > 0 {
		line = safe.Linef("%s, %d skipped", line, p.Skipped)
	}
	if p.Failed > 0 {
		line = safe.Linef("%s, %d failed", line, p.Failed)
	}
	if p.Waiting > 0 {
		line = safe.Linef("%s, %d wait for AWS", line, p.Waiting)
	}
	if p.Open() > 0 {
		line = safe.Linef("%s, %s left", line, safe.Duration(p.Left))
	}
	return line
}

// bulkView is what became of one run of a bulk action. Result is done, skipped, failed,
// excluded, or pending when it was interrupted.
type bulkView struct {
	change
	Result string `json:"result"`
	// NewRun is the ARN of the run that a clone started.
	NewRun string `json:"newRun,omitempty"`
}

// printBulk prints the result of every run.
func (a *app) printBulk(items []ops.BulkItem, outcomes []ops.BulkOutcome, excluded []ops.Excluded, verb bulkVerb) error {
	out := listing{head: []string{"RESULT", "RUN", "WHY"}, empty: "No run."}
	views := make([]bulkView, 0, len(items)+len(excluded))
	add := func(v bulkView, why string) {
		views = append(views, v)
		word := v.Result
		if word == string(ops.BulkDone) {
			word = verb.done
			out.names = append(out.names, reference(cmp.Or(v.NewRun, v.ARN)))
		}
		out.rows = append(out.rows, cells(safe.Line(word), safe.Line(reference(v.ARN)), safe.Line(why)))
	}
	for i, item := range items {
		v, why := viewBulk(item, outcomes[i], verb)
		add(v, why)
	}
	for _, x := range excluded {
		v := bulkView{change: changeOf(runOf(x.Item)), Result: "excluded"}
		v.Error = safe.Linef("run %s cannot be %s: %s", v.Name, verb.done, x.Reason).String()
		add(v, x.Reason.String())
	}
	out.items = views
	return a.printList(out)
}

func runOf(item ops.BulkItem) workflow.Run {
	return workflow.Run{ARN: item.RunARN, Name: safe.Line(workflow.RunName(item.RunARN)), Status: item.Status}
}

// viewBulk is one item's result, and for people why, or what else there is to know.
func viewBulk(item ops.BulkItem, o ops.BulkOutcome, verb bulkVerb) (v bulkView, why string) {
	v = bulkView{change: changeOf(runOf(item)), Result: string(o.State), NewRun: o.NewRun}
	v.StoppedIDs, v.LeftIDs = o.StoppedTasks, o.LeftTasks
	why = o.Reason
	switch o.State {
	case ops.BulkDone:
		v.Status = cmp.Or(verb.after, v.Status)
		switch why = item.Warning.String(); {
		case len(o.LeftTasks) > 0:
			why = "task " + strings.Join(o.LeftTasks, ", ") + " goes on; --stop-task would have stopped it"
		case o.NewRun != "":
			why = "as " + reference(o.NewRun)
		}
	case ops.BulkSkipped:
		v.Error = safe.Linef("run %s was skipped: %s", v.Name, o.Reason).String()
	case ops.BulkFailed:
		v.Error = o.Reason
	default:
		v.Result = "pending"
	}
	return v, why
}

package screen

import (
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// childPace is how often the run that an open one waits for is looked at: a
// token that is dead there holds up both.
const childPace = 30 * time.Second

// meetChild reads the child run once the history tells of another one.
func (r *runScreen) meetChild() tea.Cmd {
	if triage.ChildOf(r.data.evidence(r.now())) == r.data.childARN {
		return nil
	}
	return r.loadChild()
}

// loadChild reads the run that this one failed or waits with, and those below it.
func (r *runScreen) loadChild() tea.Cmd {
	d, now := &r.data, r.now()
	arn := triage.ChildOf(d.evidence(now))
	if arn != d.childARN {
		r.forgetChild()
		d.childARN = arn
	}
	if arn == "" {
		return nil
	}
	return tui.Load(r.scope, askChild, loadLimit, func(ctx context.Context) (*triage.Evidence, error) {
		return r.console.ChildEvidence(ctx, arn, now)
	})
}

// forgetChild drops what was read of a child that the run is not about any more.
func (r *runScreen) forgetChild() {
	r.scope.Cancel(askChild)
	r.scope.Cancel(pollChild)
	r.data.childARN, r.data.child = "", nil
	r.settle(partChild, nil)
}

// takeChild keeps what is known when reading it again failed.
func (r *runScreen) takeChild(msg tui.Loaded[*triage.Evidence]) tea.Cmd {
	r.settle(partChild, msg.Err)
	if msg.Err == nil {
		r.data.child = msg.Value
	}
	r.data.diagnose(r.now())
	if r.data.run.Status.Closed() {
		return nil
	}
	return tui.Again(r.scope, pollChild, childPace, msg.Err)
}

// ofChild are the facts that a child run gave to the diagnosis, those of its own
// children among them.
func (d *runData) ofChild() []triage.Fact {
	var facts []triage.Fact
	for _, f := range d.diagnosis.Evidence {
		if f.RunARN != "" {
			facts = append(facts, f)
		}
	}
	return facts
}

// elsewhere reports that the remedy is for a child run: its keys are on the
// screen of that run.
func (d *runData) elsewhere(m *triage.Remedy) bool {
	return m.Action != triage.ActOpenRun && !m.For(d.run.ARN)
}

// childLabels are the sources of a child's facts as they are labelled.
var childLabels = map[triage.Source]string{triage.FromECS: "   ECS", triage.FromLog: "   log", triage.FromHistory: "   history"}

// childEvidence is what the child run tells, by source, in the order of weight.
// A text that two events or containers tell is shown once.
func (r *runScreen) childEvidence(w int) []sheetLine {
	var order []triage.Source
	bySource := map[triage.Source][]sheetLine{}
	shown := map[safe.Text]bool{}
	for _, f := range r.data.ofChild() {
		if shown[f.Text] {
			continue
		}
		shown[f.Text] = true
		label, role := "", theme.Text
		if !slices.Contains(order, f.Source) {
			order, label = append(order, f.Source), childLabels[f.Source]
		}
		if f.Decisive {
			role = theme.Strong
		}
		bySource[f.Source] = append(bySource[f.Source], labelled(label, evidenceWidth, role, r.childFact(f, w), w)...)
	}
	var out []sheetLine
	for _, source := range order {
		out = append(out, bySource[source]...)
	}
	return out
}

// childFact is a fact with its time or its place.
func (r *runScreen) childFact(f triage.Fact, w int) safe.Text {
	text := f.Text.OneLine().Truncate(2 * w)
	switch {
	case f.Source == triage.FromLog && !f.Time.IsZero():
		return safe.Linef("%s  %s", f.Time.In(r.zone()).Format(time.TimeOnly), text)
	case f.EventID != 0:
		return safe.Linef("%s  #%d", safe.Join("  ", presentTexts(f.Place, text)...), f.EventID)
	}
	return text
}

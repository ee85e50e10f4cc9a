package screen

import (
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// draft is what was typed into a form and not started.
type draft struct {
	input  string // JSON, or what is not yet JSON
	json   bool   // it was shown as JSON
	name   string
	named  bool
	adding string
	at     rowAt
	when   time.Time
}

// draftKey tells drafts apart: one a machine for new runs, one a cloned run.
func (f *formScreen) draftKey() string {
	if f.spec.Like != nil {
		return f.spec.Like.ARN
	}
	return f.spec.Machine.ARN
}

// dirty reports whether something was typed that is not what the form was
// filled with.
func (f *formScreen) dirty() bool {
	return f.form != nil && (f.named || f.adding != "" || f.fault != nil || f.input() != f.start)
}

// keepDraft is called on every change, because a screen is not told when it is left.
func (f *formScreen) keepDraft() {
	if !f.dirty() {
		delete(f.console.drafts, f.draftKey())
		return
	}
	if f.console.drafts == nil {
		f.console.drafts = map[string]draft{}
	}
	input := f.input()
	if f.mode == asJSON {
		input = f.area.Value()
	}
	f.console.drafts[f.draftKey()] = draft{
		input: input, json: f.mode == asJSON, name: f.name, named: f.named, adding: f.adding, at: f.at, when: f.now(),
	}
}

// restore puts the draft back that was left here.
func (f *formScreen) restore() {
	d, ok := f.console.drafts[f.draftKey()]
	if !ok {
		return
	}
	f.mode = asFields
	if d.json {
		f.mode = asJSON
	}
	f.adding = d.adding
	f.take(d.input)
	if d.json {
		f.showJSON(d.input)
	}
	if f.named = d.named; d.named {
		f.name = d.name
	} else {
		f.rename()
	}
	f.focusOn(d.at)
	f.notice = safe.Linef("what you typed here %s is back; ctrl+p starts over", agoText(d.when, f.now()))
}

func (f *formScreen) dropDraft() { delete(f.console.drafts, f.draftKey()) }

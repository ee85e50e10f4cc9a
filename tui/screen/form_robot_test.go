package screen

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

var formKeys = rapid.SampledFrom([]string{
	"tab", "shift+tab", "up", "down", "left", "right", "home", "end", "pgup", "pgdown", "enter", "backspace", "delete",
	"f2", "ctrl+s", "esc", "n", "ctrl+p", "ctrl+u", "ctrl+k", "ctrl+w", "y", "q", "?", ":", "space", "x", "{", `"`, "=", "5", "日",
})

var formPastes = rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
	"plain", "a=b", "two\nlines", "\x1b[31mred\x1b[0m", "\u202eright to left\u202c", "\xff\xfe", `{"a":{"b":[1,2]}}`, "[1]", "日本語", "é́́", "\t\a\x00", strings.Repeat("long ", 400),
	strings.Repeat("line\n", 50), "👨‍👩‍👧", "x=\u202e",
}))

// hostileWorld has what should never reach a terminal as it is.
func hostileWorld() *formWorld {
	w := newFormWorld(otherMachine)
	w.add("evil\x1b]0;title\a", workflow.Succeeded, time.Hour,
		`{"a\u001b[2J":"\u001b]52;c;eA==\u0007","\u202eb":"\u202e","wide日本":"日本語日本語","broken":"\ud800","dump":{"":{"":""}},"long":"`+strings.Repeat("x", 3000)+`"}`)
	return w
}

// undated is a test without a deadline, which a bubble's time cannot tell.
type undated struct{ rapid.TB }

// A user who does anything in any order loses nothing and breaks nothing.
func TestARobotInTheForm(t *testing.T) {
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(undated{t}, func(t *rapid.T) {
			r := &formRobot{t: t, w: 80, h: 24}
			r.world = rapid.SampledFrom([]func() *formWorld{managed, other, hostileWorld}).Draw(t, "world")()
			r.world.presets = folder
			look := rapid.SampledFrom([]theme.Options{{}, {Profile: theme.TrueColor}, {ASCII: true}}).Draw(t, "look")
			r.d = r.world.show(t, nil, look, r.w, r.h)
			for range rapid.IntRange(1, 40).Draw(t, "steps") {
				if r.step(); r.d.Quit {
					return
				}
				r.look()
			}
		})
	})
}

type formRobot struct {
	t     *rapid.T
	world *formWorld
	d     *tuitest.Driver
	w, h  int
	// opened is how many runs had been started when the form was opened: what
	// a started run has is no longer a draft.
	opened int
}

func (r *formRobot) step() {
	before, form := r.typed(), r.world.form
	defer func() {
		if r.world.form != form {
			r.opened = len(r.world.sent)
		}
	}()
	switch rapid.IntRange(0, 9).Draw(r.t, "kind") {
	case 0:
		r.w, r.h = rapid.IntRange(1, 300).Draw(r.t, "w"), rapid.IntRange(1, 100).Draw(r.t, "h")
		r.d.Send(tea.WindowSizeMsg{Width: r.w, Height: r.h})
		r.same("a resize", before)
	case 1:
		r.d.Advance(time.Duration(rapid.IntRange(0, 2000).Draw(r.t, "ms")) * time.Millisecond)
		r.same("the passing of time", before)
	case 2, 3:
		r.d.Send(tea.PasteMsg{Content: formPastes.Draw(r.t, "paste")})
	case 4:
		r.d.Press("esc", "n")
		// The key may have closed a dialog or the preview instead.
		if r.world.form != form && len(r.world.sent) == r.opened && form.form != nil {
			r.same("a wrong turn", before)
		}
	default:
		r.d.Press(formKeys.Draw(r.t, "key"))
	}
}

// typed is all that a user could miss: the input, or its JSON as typed, a name
// that was typed, and a value not yet added.
func (r *formRobot) typed() string {
	f := r.world.form
	if f.form == nil {
		return ""
	}
	name := ""
	if f.named {
		name = f.name
	}
	if f.mode == asJSON && f.fault != nil {
		return f.area.Value() + name + f.adding
	}
	return f.input() + name + f.adding
}

func (r *formRobot) same(what, before string) {
	if after := r.typed(); after != before {
		r.t.Fatalf("%s changed what was typed from\n%q to\n%q", what, before, after)
	}
}

func (r *formRobot) look() {
	if err := tuitest.Exact(r.d.Frame(), r.w, r.h); err != nil {
		r.t.Fatal(err)
	}
	f := r.world.form
	if f.form == nil {
		return
	}
	if err := tuitest.Exact(f.View(r.w, r.h), r.w, r.h); err != nil {
		r.t.Fatal(err)
	}
	if got := f.rowText(f.at); f.mode == asFields && got != f.line.text() {
		r.t.Fatalf("the row says %q, the field %q", f.line.text(), got)
	}
	if f.mode == asJSON && f.fault == nil && f.raw == "" {
		doc, err := workflow.ParseDocument(f.area.Value())
		if err != nil || doc.Canonical() != f.form.Document().Canonical() {
			r.t.Fatalf("the JSON on the screen\n%s\nis not the input\n%s", f.area.Value(), f.form.Document().Text())
		}
	}
}

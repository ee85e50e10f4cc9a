package tui_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

const pastGrace = 400 * time.Millisecond

// asking is a driver whose screen has just asked; results gets the answers.
func asking(t *testing.T, protected bool, dialog func(then func(tui.Result) tea.Cmd) tui.Dialog) (*tuitest.Driver, *[]tui.Result) {
	t.Helper()
	results := &[]tui.Result{}
	home := newToy("home")
	home.act = func(*tui.Scope) tea.Cmd {
		return tui.Ask(dialog(func(r tui.Result) tea.Cmd {
			*results = append(*results, r)
			return nil
		}))
	}
	o := options(home)
	o.Env.Protected = protected
	d := tuitest.Drive(t, o, 100, 24)
	d.Press("l")
	return d, results
}

func confirm(word string) func(then func(tui.Result) tea.Cmd) tui.Dialog {
	return func(then func(tui.Result) tea.Cmd) tui.Dialog {
		return &tui.Confirm{
			Title: safe.Line("Stop this run?"), Targets: []safe.Text{safe.Line("arn:aws:states:eu-west-1:123456789012:execution:dumps:run-07")},
			Note: []safe.Text{safe.Line("Its task goes on until it is stopped too.")}, Yes: "stop", Word: word, Then: then,
		}
	}
}

func TestConfirm(t *testing.T) {
	for name, c := range map[string]struct {
		keys []string
		want []tui.Result
	}{
		"enter is no at first":  {[]string{"enter"}, []tui.Result{{}}},
		"y is yes":              {[]string{"y"}, []tui.Result{{OK: true}}},
		"n is no":               {[]string{"n"}, []tui.Result{{}}},
		"esc is no":             {[]string{"esc"}, []tui.Result{{}}},
		"arrow, enter is yes":   {[]string{"left", "enter"}, []tui.Result{{OK: true}}},
		"there and back is no":  {[]string{"left", "right", "enter"}, []tui.Result{{}}},
		"other keys are none":   {[]string{"x", "X", "j", "q"}, []tui.Result{}},
		"it is asked only once": {[]string{"n", "y"}, []tui.Result{{}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, results := asking(t, false, confirm(""))
				d.Advance(pastGrace)
				d.Press(c.keys...)
				if diff := cmp.Diff(c.want, *results); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestADialogTakesNoKeysThatWereMeantForTheScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, results := asking(t, false, confirm(""))
		d.Advance(pastGrace - time.Millisecond)
		d.Press("y", "enter", "esc")
		if len(*results) != 0 {
			t.Fatalf("it answered %v within the grace", *results)
		}
		mustShow(t, d, "Stop this run?", "execution:dumps:run-07", "Its task goes on")
		d.Advance(time.Millisecond)
		d.Press("y")
		if len(*results) != 1 {
			t.Error("it took no key after the grace")
		}
	})
}

func TestADialogUnderAnotherOneHasItsOwnGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		var answered []string
		ask := func(title string) tea.Cmd {
			return tui.Ask(&tui.Confirm{Title: safe.Line(title), Then: func(tui.Result) tea.Cmd {
				answered = append(answered, title)
				return nil
			}})
		}
		home.act = func(*tui.Scope) tea.Cmd { return tea.Sequence(ask("lower?"), ask("upper?")) }
		d := drive(t, home)
		d.Press("l")
		d.Advance(pastGrace)
		d.Press("y", "y")
		if diff := cmp.Diff([]string{"upper?"}, answered); diff != "" {
			t.Fatal(diff)
		}
		d.Advance(pastGrace)
		d.Press("y")
		if diff := cmp.Diff([]string{"upper?", "lower?"}, answered); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAWordMustBeTyped(t *testing.T) {
	for name, c := range map[string]struct {
		protected bool
		word      string
		typed     string
		want      []tui.Result
	}{
		"the word":                     {word: "200", typed: "200", want: []tui.Result{{OK: true}}},
		"another word":                 {word: "200", typed: "20", want: []tui.Result{}},
		"y is no word":                 {word: "200", typed: "y", want: []tui.Result{}},
		"protected: the profile":       {protected: true, typed: "prod", want: []tui.Result{{OK: true}}},
		"protected: y is not enough":   {protected: true, typed: "y", want: []tui.Result{}},
		"protected: its own word wins": {protected: true, word: "200", typed: "200", want: []tui.Result{{OK: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, results := asking(t, c.protected, confirm(c.word))
				d.Advance(pastGrace)
				d.Type(c.typed)
				d.Press("enter")
				if diff := cmp.Diff(c.want, *results); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestAnotherWordIsToldUntilItIsMended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, results := asking(t, false, confirm("200"))
		d.Advance(pastGrace)
		d.Type("20")
		d.Press("enter")
		mustShow(t, d, "Type 200: 20", "that is not 200: type it to stop")
		d.Type("0")
		if d.Shows("that is not 200") {
			t.Error("what is mended is still told as wrong")
		}
		d.Press("enter")
		if diff := cmp.Diff([]tui.Result{{OK: true}}, *results); diff != "" {
			t.Error(diff)
		}
	})
}

func TestManyTargetsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _ := asking(t, false, func(then func(tui.Result) tea.Cmd) tui.Dialog {
			c := &tui.Confirm{Title: safe.Line("Redrive 200 runs?"), Yes: "redrive", Word: "200", Then: then}
			for i := range 200 {
				c.Targets = append(c.Targets, safe.Linef("run-%03d", i))
			}
			return c
		})
		mustShow(t, d, "run-000", "and 1", " more", "Type 200:")
		if err := tuitest.Exact(d.Frame(), 100, 24); err != nil {
			t.Error(err)
		}
	})
}

func choice(then func(tui.Result) tea.Cmd) tui.Dialog {
	c := &tui.Choice{Title: safe.Line("Answer the token"), Then: then}
	for _, label := range []string{"fail", "succeed", "heartbeat", "fail and stop the task"} {
		c.Options = append(c.Options, tui.Option{Label: safe.Line(label), Help: safe.Linef("what %s does", label)})
	}
	c.Options[2].Disabled = "the token has ended"
	return c
}

func TestChoice(t *testing.T) {
	for name, c := range map[string]struct {
		keys []string
		want []tui.Result
	}{
		"the first":           {[]string{"enter"}, []tui.Result{{OK: true}}},
		"the second":          {[]string{"down", "enter"}, []tui.Result{{OK: true, Choice: 1}}},
		"the last, narrowed":  {[]string{"t", "a", "s", "k", "enter"}, []tui.Result{{OK: true, Choice: 3}}},
		"a disabled one":      {[]string{"down", "down", "enter"}, []tui.Result{}},
		"none that fits":      {[]string{"z", "z", "enter"}, []tui.Result{}},
		"cancelled":           {[]string{"down", "esc"}, []tui.Result{{}}},
		"not beyond the ends": {[]string{"up", "down", "down", "down", "down", "down", "enter"}, []tui.Result{{OK: true, Choice: 3}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, results := asking(t, false, choice)
				d.Advance(pastGrace)
				d.Press(c.keys...)
				if diff := cmp.Diff(c.want, *results); diff != "" {
					t.Errorf("%s\n%s", diff, d.Text())
				}
			})
		})
	}
}

func prompt(then func(tui.Result) tea.Cmd) tui.Dialog {
	return &tui.Prompt{
		Title: safe.Line("Fail the token"), Yes: "fail", Then: then,
		Fields: []tui.Field{
			{Label: safe.Line("error"), Value: "Task.Stopped", Check: func(s string) error {
				if len(s) > 20 {
					return fmt.Errorf("error takes at most 20 characters, not %d", len(s))
				}
				return nil
			}},
			{Label: safe.Line("cause"), Check: func(s string) error {
				if s == "" {
					return errors.New("cause must say why")
				}
				return nil
			}},
		},
	}
}

func TestPrompt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, results := asking(t, false, prompt)
		d.Advance(pastGrace)
		d.Press("enter", "enter")
		mustShow(t, d, "cause must say why", "Task.Stopped")
		d.Send(tea.PasteMsg{Content: "killed\x1b[2J for memory"})
		d.Press("shift+tab")
		d.Type(" and much more text")
		d.Press("tab", "enter")
		mustShow(t, d, "error takes at most 20 characters, not 31")
		for range 19 {
			d.Press("backspace")
		}
		d.Press("tab", "enter")
		want := []tui.Result{{OK: true, Values: []string{"Task.Stopped", "killed for memory"}}}
		if diff := cmp.Diff(want, *results); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTheAnswerToAScreenThatWasLeftIsNotGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home, over := newToy("home"), newToy("over")
		over.open = func(*tui.Scope) tea.Cmd {
			return func() tea.Msg {
				time.Sleep(time.Second)
				return tui.Ask(&tui.Confirm{Title: safe.Line("late?")})()
			}
		}
		home.act = func(*tui.Scope) tea.Cmd { return tui.Push(over) }
		d := drive(t, home)
		d.Press("l", "esc")
		d.Advance(time.Second)
		mustNotShow(t, d, "late?")
	})
}

func TestAHiddenFieldShowsNothingOfItsText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, results := asking(t, false, func(then func(tui.Result) tea.Cmd) tui.Dialog {
			return &tui.Prompt{Title: safe.Line("Password"), Fields: []tui.Field{{Label: safe.Line("value"), Hidden: true}}, Then: then}
		})
		d.Advance(pastGrace)
		const secret = "§¶ßðþ"
		for _, r := range secret {
			d.Type(string(r))
			if strings.ContainsAny(d.Text(), secret+"*•") {
				t.Fatalf("something of it is on the screen:\n%s", d.Text())
			}
		}
		d.Press("enter")
		if want := []tui.Result{{OK: true, Values: []string{secret}}}; !cmp.Equal(*results, want) {
			t.Errorf("the answer is %v", *results)
		}
	})
}

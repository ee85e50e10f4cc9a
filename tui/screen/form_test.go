package screen

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

func formSees(t *testing.T, d *tuitest.Driver, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !d.Shows(text) {
			t.Errorf("%q is not on the screen:\n%s", text, d.Text())
		}
	}
}

// formStates are the looks of the form that are kept as golden files.
var formStates = []struct {
	name string
	make func() *formWorld
	like int // of the world's runs; -1: none
	do   func(t *testing.T, w *formWorld, d *tuitest.Driver)
}{
	{"new", managed, -1, func(*testing.T, *formWorld, *tuitest.Driver) {}},
	{"clone-preview", managed, 0, func(t *testing.T, w *formWorld, d *tuitest.Driver) {
		w.goTo(t, d, "memory")
		typeOver(d, "2048")
		w.goTo(t, d, "add")
		d.Type("DB_PASSWORD=tiger")
		d.Press("ctrl+s")
	}},
	{"inferred", other, -1, func(t *testing.T, w *formWorld, d *tuitest.Driver) {
		w.goTo(t, d, "order.id")
		d.Press("pgdown", "pgdown")
	}},
	{"refused-value", managed, -1, func(t *testing.T, w *formWorld, d *tuitest.Driver) {
		w.goTo(t, d, "cpu")
		typeOver(d, "1000")
	}},
	{"json-typo", managed, -1, func(_ *testing.T, _ *formWorld, d *tuitest.Driver) {
		d.Press("f2", "down", "end")
		d.Type(" oops")
		d.Press("f2")
	}},
}

func TestTheFormAtEverySize(t *testing.T) {
	sizes := []struct{ w, h int }{{80, 24}, {120, 40}, {200, 60}}
	for _, state := range formStates {
		for _, size := range sizes {
			name := fmt.Sprintf("form-%s-%dx%d", state.name, size.w, size.h)
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := state.make()
					d := w.showLike(t, state.like, formLook, size.w, size.h)
					state.do(t, w, d)
					if err := tuitest.Exact(w.form.View(size.w, size.h-4), size.w, size.h-4); err != nil {
						t.Error(err)
					}
					tuitest.Golden(t, name, d.Frame())
				})
			})
		}
	}
}

func TestTheFormInEveryLook(t *testing.T) {
	looks := map[string]theme.Options{
		"none": {Profile: theme.NoColor}, "truecolor": {Profile: theme.TrueColor}, "ascii": {Profile: theme.NoColor, ASCII: true},
	}
	for name, look := range looks {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := managed().showLike(t, 0, look, 80, 24)
				tuitest.Golden(t, "form-look-"+name, d.Frame())
				if look.ASCII && strings.IndexFunc(d.Text(), func(r rune) bool { return r > 0x7e }) >= 0 {
					t.Errorf("a sign that is not ASCII:\n%s", d.Text())
				}
			})
		})
	}
}

func TestARunIsStartedFromTheLastGoodRunWithOneChange(t *testing.T) {
	useForm(t, managed, func(w *formWorld, d *tuitest.Driver) {
		formSees(t, d, "filled from orders-good", "mysql-dump", "shop", "1024")
		w.goTo(t, d, "memory")
		typeOver(d, "2048")
		d.Press("enter")
		formSees(t, d, "Nothing has been sent yet", `-   "memory": 1024`, `+   "memory": 2048`, "of 8,192 characters")
		d.Advance(time.Second)
		d.Press("enter")
		want := `{"args":["mysql-dump"],"env":{"DB_NAME":"shop"},"memory":2048}`
		if len(w.sent) != 1 || w.sent[0].Input != want || !strings.HasPrefix(w.sent[0].Name, "mysql-dump-") {
			t.Fatalf("sent %+v, want the input %s", w.sent, want)
		}
		formSees(t, d, "host › "+w.sent[0].Name) // the run is followed
	})
}

func TestAPreviewStartsNothingByAKeyPressedTwice(t *testing.T) {
	useForm(t, managed, func(w *formWorld, d *tuitest.Driver) {
		d.Press("enter", "enter", "enter")
		if formSees(t, d, "Nothing has been sent yet"); len(w.sent) > 0 {
			t.Error("a run was started")
		}
	})
}

func TestAFailedCallKeepsWhatWasTyped(t *testing.T) {
	useForm(t, managed, func(w *formWorld, d *tuitest.Driver) {
		w.fail["StartRun"] = &ops.Problem{Kind: ops.Throttled, Title: safe.Line("AWS throttles StartExecution"), Hint: safe.Line("wait a little")}
		w.goTo(t, d, "overlap")
		d.Type("skip")
		d.Press("ctrl+s")
		d.Advance(time.Second)
		d.Press("enter")
		formSees(t, d, "AWS throttles StartExecution", "wait a little", "enter tries again")
		d.Press("esc")
		formSees(t, d, "AWS throttles StartExecution", "skip")
		delete(w.fail, "StartRun")
		d.Press("ctrl+s")
		d.Advance(time.Second)
		d.Press("enter")
		if len(w.sent) != 1 || !strings.Contains(w.sent[0].Input, `"overlap":"skip"`) {
			t.Errorf("sent %+v", w.sent)
		}
	})
}

func TestATakenNameIsAskedForAgain(t *testing.T) {
	useForm(t, managed, func(w *formWorld, d *tuitest.Driver) {
		w.fail["StartRun"] = &ops.Problem{Kind: ops.Conflict, Title: safe.Line("a run of this name exists")}
		d.Press("ctrl+s")
		d.Advance(time.Second)
		d.Press("enter")
		if formSees(t, d, "a run of this name exists"); w.form.at.kind != rowName {
			t.Errorf("the cursor is not on the name:\n%s", d.Text())
		}
	})
}

func TestProblemsNameTheFieldAndTheLimit(t *testing.T) {
	tests := []struct{ field, text, told string }{
		{"cpu", "1000", "cpu: 1000 is no Fargate size; nearest: 512, 1024"},
		{"memory", "lots", "memory: \"lots\" is no whole number"},
		{"timeoutSeconds", "1s", "timeoutSeconds: 1s is not"},
		{"timeoutSeconds", "soon", "as in 90m"},
		{"overlap", "never", "overlap: \"never\" is not one of skip, wait, allow"},
		{"args", "dump 'it", "args: a quote is not closed"},
		{"name", "a/b", "name: '/' is not allowed"},
		{"name", strings.Repeat("n", 81), "name: 81 characters are more than the 80"},
		{"add", "TASK_TOKEN=x", "belongs to the entrypoint"},
		{"add", "novalue", "it is not NAME=VALUE"},
	}
	for _, test := range tests {
		t.Run(test.field+" "+test.text, func(t *testing.T) {
			useForm(t, managed, func(w *formWorld, d *tuitest.Driver) {
				w.goTo(t, d, test.field)
				typeOver(d, test.text)
				d.Press("ctrl+s")
				formSees(t, d, test.told)
				if d.Shows("Nothing has been sent yet") {
					t.Error("the preview came up")
				}
				if at := w.form.rowLabel(w.form.at); at != test.field && test.field != "add" {
					t.Errorf("the cursor is on %s", at)
				}
			})
		})
	}
}

func TestLargeOverridesAreRefusedBeforeTheyAreSent(t *testing.T) {
	useForm(t, managed, func(w *formWorld, d *tuitest.Driver) {
		typeOver(d, strings.Repeat("x", 9000))
		d.Press("ctrl+s")
		formSees(t, d, "more than the 8192 that ECS takes", "S3")
		if w.form.rowLabel(w.form.at) != "args" {
			t.Error("the cursor is not on args")
		}
		typeOver(d, strings.Repeat("x", workflow.MaxInput))
		d.Press("ctrl+s")
		formSees(t, d, "bytes are more than the 262,144 that AWS takes")
	})
}

func TestFieldsAndJSONAreInStep(t *testing.T) {
	useForm(t, managed, func(w *formWorld, d *tuitest.Driver) {
		w.goTo(t, d, "capacity")
		d.Type("fargate")
		d.Press("f2")
		formSees(t, d, `"capacity": "fargate"`)
		w.form.area.MoveToEnd()
		d.Press("backspace")
		d.Type(`, "overlap": "wait"}`)
		d.Press("f2")
		w.goTo(t, d, "overlap")
		formSees(t, d, "wait")
		if got := w.form.input(); !strings.HasSuffix(got, `"capacity":"fargate","overlap":"wait"}`) {
			t.Errorf("the input is %s", got)
		}
	})
}

func TestATypoInTheJSONKeepsTheJSONOnTheScreen(t *testing.T) {
	useForm(t, managed, func(w *formWorld, d *tuitest.Driver) {
		d.Press("f2", "down", "end")
		d.Type(" oops")
		formSees(t, d, "not JSON at line 2, column 27")
		d.Press("home", "f2")
		formSees(t, d, "the fields cannot be shown until this is JSON", "oops", "line 2, column 27")
		d.Press("ctrl+s")
		if d.Shows("Nothing has been sent yet") {
			t.Error("the preview came up")
		}
		for range " oops" {
			d.Press("backspace")
		}
		d.Press("f2")
	})
}

func TestJSONWithoutFieldsStaysJSON(t *testing.T) {
	useForm(t, other, func(w *formWorld, d *tuitest.Driver) {
		d.Press("f2")
		w.form.area.Reset()
		d.Type(`[1, "a"]`)
		d.Press("f2")
		formSees(t, d, "it is no JSON object such as {}, so it has no fields")
		d.Press("ctrl+s")
		d.Advance(time.Second)
		d.Press("enter")
		if len(w.sent) != 1 || w.sent[0].Input != `[1, "a"]` {
			t.Errorf("sent %+v", w.sent)
		}
	})
}

func TestWhatWasTypedSurvivesAWrongTurn(t *testing.T) {
	useForm(t, managed, func(w *formWorld, d *tuitest.Driver) {
		w.goTo(t, d, "capacity")
		d.Type("fargate")
		w.goTo(t, d, "name")
		typeOver(d, "my-own-name")
		w.goTo(t, d, "add")
		d.Type("HALF")
		d.Press("esc")
		formSees(t, d, "the list", "what you typed for dumps is kept")
		d.Advance(3 * time.Minute)
		d.Press("n")
		formSees(t, d, "what you typed here 3m ago is back", "fargate", "my-own-name", "HALF")
		d.Send(tea.WindowSizeMsg{Width: 61, Height: 16}, tea.WindowSizeMsg{Width: 80, Height: 24})
		d.Press("ctrl+p")
		d.Advance(time.Second)
		d.Press("esc")
		formSees(t, d, "fargate", "my-own-name", "HALF")
		d.Press("ctrl+p")
		d.Advance(time.Second)
		d.Press("down", "enter")
		if strings.Contains(w.form.input(), "fargate") || w.form.dirty() {
			t.Errorf("starting over left something:\n%s", d.Text())
		}
	})
}

func TestABrokenJSONSurvivesAWrongTurn(t *testing.T) {
	useForm(t, managed, func(_ *formWorld, d *tuitest.Driver) {
		d.Press("f2")
		d.Type("{half")
		d.Press("esc")
		d.Advance(time.Minute)
		d.Press("n")
		formSees(t, d, "{half", "not JSON at line 1")
	})
}

func TestValuesAreOfferedAndWhatWasTypedComesBack(t *testing.T) {
	useForm(t, managed, func(w *formWorld, d *tuitest.Driver) {
		typeOver(d, "mysql-dump --t")
		formSees(t, d, "mysql-dump --tables orders") // the rest is offered behind the cursor
		d.Press("right")
		if got := w.form.input(); !strings.Contains(got, `"--tables","orders"`) {
			t.Errorf("the completion was not taken: %s", got)
		}
		w.goTo(t, d, "cpu")
		d.Type("4096")
		w.goTo(t, d, "memory")
		typeOver(d, "12")
		d.Press("pgdown")
		if got := w.form.rowText(w.form.at); got != "8192" { // the least that goes with the cpu
			t.Errorf("offered %s first", got)
		}
		d.Press("pgup")
		if got := w.form.rowText(w.form.at); got != "12" {
			t.Errorf("what was typed came back as %q", got)
		}
	})
}

func TestATextWhereRecentRunsGaveANumberIsTold(t *testing.T) {
	useForm(t, other, func(w *formWorld, d *tuitest.Driver) {
		w.goTo(t, d, "order.id")
		typeOver(d, "seventeen")
		formSees(t, d, "this is sent as text")
		typeOver(d, "18")
		if d.Shows("this is sent as text") || !strings.Contains(w.form.input(), `"id":18`) {
			t.Errorf("the input is %s", w.form.input())
		}
	})
}

func TestTheNameFollowsTheArgumentsUntilItIsTyped(t *testing.T) {
	useForm(t, managed, func(w *formWorld, d *tuitest.Driver) {
		typeOver(d, "drill succeed")
		formSees(t, d, "drill-succeed-")
		w.goTo(t, d, "name")
		typeOver(d, "mine")
		w.goTo(t, d, "args")
		typeOver(d, "other")
		formSees(t, d, "mine")
	})
}

func TestSecretsAreWarnedOf(t *testing.T) {
	useForm(t, managed, func(w *formWorld, d *tuitest.Driver) {
		w.goTo(t, d, "add")
		d.Type("DB_PASSWORD=tiger")
		d.Press("enter")
		formSees(t, d, "env.DB_PASSWORD", "looks like a secret")
		d.Press("ctrl+s")
		formSees(t, d, "env.DB_PASSWORD looks like a secret")
	})
}

func TestAProtectedProfileAsksForAWord(t *testing.T) {
	useForm(t, func() *formWorld { w := managed(); w.protected = true; return w }, func(w *formWorld, d *tuitest.Driver) {
		d.Press("ctrl+s")
		d.Advance(time.Second)
		d.Press("enter")
		d.Advance(time.Second)
		if d.Press("enter"); len(w.sent) > 0 {
			t.Fatal("a run was started without the word")
		}
		formSees(t, d, "Start a run", "Type ")
		d.Type("yes")
		d.Press("enter")
		if len(w.sent) != 1 {
			t.Errorf("the word started nothing:\n%s", d.Text())
		}
	})
}

func TestReadOnlyStartsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := managed()
		d := w.show(t, nil, formLook, 80, 24)
		d.Send()
		w.form.scope.ReadOnly = true
		d.Press("enter")
		d.Advance(time.Second)
		d.Press("enter")
		if formSees(t, d, "read-only"); len(w.sent) > 0 {
			t.Error("a run was started")
		}
	})
}

func TestPartsThatFailAlikeAreToldTogether(t *testing.T) {
	down := fmt.Errorf("operation error SFN: %w", &ops.Problem{Kind: ops.Unreachable, Title: safe.Line("AWS cannot be reached"), Detail: safe.Line("refused"), Hint: safe.Line("x")})
	useForm(t, func() *formWorld {
		w := managed()
		w.fail["DescribeMachine"], w.fail["ListRuns"] = down, down
		return w
	}, func(_ *formWorld, d *tuitest.Driver) {
		formSees(t, d, "recent runs and definition not read: AWS cannot be reached: refused; read", "again every 30 s")
	})
}

func TestPartsThatCannotBeReadLeaveAFormThatWorks(t *testing.T) {
	for call, told := range map[string]string{"DescribeMachine": "definition not read: ", "ListRuns": "recent runs not read: "} {
		t.Run(call, func(t *testing.T) {
			useForm(t, func() *formWorld { w := managed(); w.fail[call] = fmt.Errorf("denied"); return w }, func(w *formWorld, d *tuitest.Driver) {
				formSees(t, d, told, "denied", "read again")
				w.goTo(t, d, "add")
				d.Type("X=1")
				d.Press("enter")
				w.mu.Lock()
				delete(w.fail, call)
				w.mu.Unlock()
				d.Advance(formRetry)
				if got := w.form.input(); !strings.Contains(got, `"X"`) {
					t.Errorf("reading again lost what was typed: %s", got)
				}
				if d.Shows("denied") {
					t.Errorf("the problem is told still:\n%s", d.Text())
				}
			})
		})
	}
}

func TestARunThatCannotBeReadIsToldInPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := managed()
		w.fail["DescribeRun"] = &ops.Problem{Kind: ops.Denied, Title: safe.Line("not allowed to read the run")}
		like := w.runs[0]
		like.Input = ""
		d := w.show(t, &like, formLook, 80, 24)
		formSees(t, d, "not allowed to read the run", "r reads it again")
		delete(w.fail, "DescribeRun")
		d.Press("r")
		formSees(t, d, "like orders-failed")
		d.Press("esc")
		formSees(t, d, "the list")
	})
}

package screen

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

const formARN = "arn:aws:states:eu-west-1:123456789012:stateMachine:dumps"

var formLook = theme.Options{Profile: theme.ANSI16}

// formMachine is a machine with the input of the managed one.
const formMachine = `{"StartAt":"Check","QueryLanguage":"JSONata","States":{"Check":{"Type":"Pass","End":true,"Assign":{
	"x":"{% [$states.input.args, $states.input.env, $states.input.capacity, $states.input.cpu, $states.input.memory, $states.input.timeoutSeconds, $states.input.overlap] %}"}}}}`

// otherMachine reads some paths of its input.
const otherMachine = `{"StartAt":"Pick","States":{"Pick":{"Type":"Choice","Default":"End","Choices":[
	{"Variable":"$.order.id","IsPresent":true,"Next":"End"},{"Variable":"$.dryRun","BooleanEquals":true,"Next":"End"}]},"End":{"Type":"Succeed"}}}`

// formWorld is AWS in memory, as far as a form asks for it.
type formWorld struct {
	mu         sync.Mutex
	definition string
	runs       []workflow.Run // the newest first
	fail       map[string]error
	sent       []ops.StartRequest
	presets    string
	protected  bool
	readOnly   bool
	lend       func(s *tui.Scope, key string, program *exec.Cmd) tea.Cmd
	form       *formScreen
}

func newFormWorld(definition string) *formWorld {
	return &formWorld{definition: definition, fail: map[string]error{}, presets: filepath.Join(os.TempDir(), "stepdeck-no-presets")}
}

func (w *formWorld) machine() workflow.Machine {
	return workflow.Machine{ARN: formARN, Name: safe.Line("dumps"), Type: workflow.Standard}
}

func (w *formWorld) add(name string, status workflow.Status, age time.Duration, input string) *workflow.Run {
	started := time.Now().Add(-age)
	w.runs = append(w.runs, workflow.Run{
		ARN: workflow.RunARNOf(formARN, name), MachineARN: formARN, Name: safe.Line(name), Status: status,
		Started: started, Stopped: started.Add(time.Minute), Input: input,
	})
	return &w.runs[len(w.runs)-1]
}

func (w *formWorld) failing(call string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fail[call]
}

func (w *formWorld) ListMachines(context.Context, string) (ops.MachinePage, error) {
	return ops.MachinePage{Machines: []workflow.Machine{w.machine()}}, nil
}

func (w *formWorld) DescribeMachine(context.Context, string) (workflow.MachineDetail, error) {
	return workflow.MachineDetail{Machine: w.machine(), Definition: w.definition}, w.failing("DescribeMachine")
}

func (w *formWorld) MachineForRun(context.Context, string) (workflow.MachineDetail, error) {
	return workflow.MachineDetail{Machine: w.machine(), Definition: w.definition}, nil
}

func (w *formWorld) ListRuns(_ context.Context, q ops.RunQuery) (ops.RunPage, error) {
	var page ops.RunPage
	for _, r := range w.runs {
		if q.Status == "" || r.Status == q.Status {
			r.Input = ""
			page.Runs = append(page.Runs, r)
		}
	}
	return page, w.failing("ListRuns")
}

func (w *formWorld) DescribeRun(_ context.Context, arn string) (workflow.Run, error) {
	i := slices.IndexFunc(w.runs, func(r workflow.Run) bool { return r.ARN == arn })
	if i < 0 {
		return workflow.Run{}, &ops.Problem{Kind: ops.NotFound, Title: safe.Line("no such run")}
	}
	return w.runs[i], w.failing("DescribeRun")
}

func (w *formWorld) History(context.Context, ops.HistoryQuery) (ops.HistoryPage, error) {
	return ops.HistoryPage{}, nil
}

func (w *formWorld) StartRun(_ context.Context, r ops.StartRequest) (string, time.Time, error) {
	if err := w.failing("StartRun"); err != nil {
		return "", time.Time{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = append(w.sent, r)
	w.runs = append(w.runs, workflow.Run{
		ARN: workflow.RunARNOf(r.MachineARN, r.Name), MachineARN: r.MachineARN, Name: safe.Line(r.Name),
		Status: workflow.Running, Started: time.Now(), Input: r.Input,
	})
	return workflow.RunARNOf(r.MachineARN, r.Name), time.Now(), nil
}

func (w *formWorld) LogPage(context.Context, ops.LogQuery) (ops.LogPage, error) {
	return ops.LogPage{}, &ops.Problem{Kind: ops.NotFound, Title: safe.Line("no such stream")}
}

func (w *formWorld) LiveTail(context.Context, []workflow.LogRef) (ops.LiveTail, error) {
	return nil, errors.New("not allowed")
}

// host is a screen from which the form is opened with n.
type host struct {
	console *Console
	open    func() tui.Screen
}

func (h *host) Title() string           { return "host" }
func (h *host) Open(*tui.Scope) tea.Cmd { return nil }
func (h *host) Update(tea.Msg) tea.Cmd  { return nil }
func (h *host) View(w, hh int) string   { return fill([]string{"the list"}, w, hh) }
func (h *host) Capturing() bool         { return false }
func (h *host) Actions() []tui.Action {
	return []tui.Action{{ID: tui.KeyNew, Run: func() tea.Cmd { return tui.Push(h.open()) }}}
}

// show opens the console with the form on top.
func (w *formWorld) show(t tuitest.T, like *workflow.Run, o theme.Options, width, height int) *tuitest.Driver {
	t.Helper()
	c := &Console{
		Service: ops.New(ops.Ports{Machines: w, Runs: w, Histories: w, Starter: w, Logs: w}, "me@host"),
		Env:     &tui.Env{Theme: theme.New(o), Clock: tui.RealClock(), Protected: w.protected, ReadOnly: w.readOnly},
		Place:   Place{Profile: "prod", Account: "123456789012", Region: "eu-west-1"}, Presets: w.presets,
	}
	h := &host{console: c, open: func() tui.Screen {
		f := newForm(c, FormSpec{Machine: w.machine(), Like: like}).(*formScreen)
		f.suffix = "ab12"
		if w.lend != nil {
			f.lend = w.lend
		}
		w.form = f
		return f
	}}
	d := tuitest.Drive(t, tui.Options{Home: h, Env: c.Env, FixedTheme: true, Theme: o}, width, height)
	d.Press("n")
	return d
}

// useForm opens the form in a bubble and lets the test use it.
func useForm(t *testing.T, w func() *formWorld, use func(*formWorld, *tuitest.Driver)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		world := w()
		use(world, world.show(t, nil, formLook, 80, 24))
	})
}

// managed is the managed machine with a good, a failed and an older run.
func managed() *formWorld {
	w := newFormWorld(formMachine)
	w.add("orders-failed", workflow.Failed, time.Hour, `{"args":["mysql-dump","--tables","orders"],"memory":512}`)
	w.add("orders-good", workflow.Succeeded, 3*time.Hour, `{"args":["mysql-dump"],"env":{"DB_NAME":"shop"},"memory":1024}`)
	w.add("orders-old", workflow.Succeeded, 30*time.Hour, `{"args":["mysql-dump","--all"],"env":{"DB_NAME":"crm","TABLES":"a b"},"timeoutSeconds":5400}`)
	return w
}

// other is a machine that is not ours, with inputs of all types.
func other() *formWorld {
	w := newFormWorld(otherMachine)
	w.add("good", workflow.Succeeded, time.Hour, `{"order":{"id":17,"lines":[1,2]},"dryRun":false,"note":"by hand"}`)
	w.add("older", workflow.Succeeded, 2*time.Hour, `{"order":{"id":16,"lines":[]},"dryRun":true,"note":"5"}`)
	return w
}

// typeOver replaces what is in the row under the cursor.
func typeOver(d *tuitest.Driver, text string) {
	d.Press("end")
	d.Press("ctrl+u")
	d.Send(tea.PasteMsg{Content: text})
}

// goTo moves the cursor to the row of a field.
func (w *formWorld) goTo(t *testing.T, d *tuitest.Driver, label string) {
	t.Helper()
	for range w.form.rows() {
		if w.form.rowLabel(w.form.at) == label {
			return
		}
		d.Press("tab")
	}
	t.Fatalf("the form has no row %s:\n%s", label, d.Text())
}

// editorThat is an editor: a shell script with the file as its $1.
func editorThat(t *testing.T, script string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "editor")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("VISUAL", "")
	t.Setenv("EDITOR", path)
}

// inBackground runs an editor without giving it the terminal.
func inBackground(s *tui.Scope, key string, program *exec.Cmd) tea.Cmd {
	return tui.Load(s, key, time.Minute, func(context.Context) (struct{}, error) {
		return struct{}{}, program.Run()
	})
}

// showLike opens the form for a clone of the world's run of that index.
func (w *formWorld) showLike(t tuitest.T, like int, o theme.Options, width, height int) *tuitest.Driver {
	t.Helper()
	if like < 0 {
		return w.show(t, nil, o, width, height)
	}
	return w.show(t, &w.runs[like], o, width, height)
}

package screen

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/filter"
	"github.com/stepdeck/stepdeck/tui/widget"
)

const tokensPace = 15 * time.Second

// tokensScreen lists the open tokens, dead ones first.
type tokensScreen struct {
	c *Console
	s *tui.Scope

	table *widget.Table[*tokenRow]
	// tokens are those of the machines read so far, by machine ARN.
	tokens  map[string][]ops.OpenToken
	reached map[string]bool // machines read in the reading that is under way
	trouble map[string]error
	cut     bool // running runs exist that were not looked at

	text    string
	read    time.Time
	loading bool
	err     error
}

func newTokens(c *Console) tui.Screen {
	return &tokensScreen{c: c, tokens: map[string][]ops.OpenToken{}, trouble: map[string]error{}}
}

func (x *tokensScreen) Title() string   { return "tokens" }
func (x *tokensScreen) Capturing() bool { return false }

func (x *tokensScreen) Open(s *tui.Scope) tea.Cmd {
	x.s = s
	x.table = widget.NewTable(s.Theme, (*tokenRow).id, tokenColumns(s)...)
	x.table.SetEmpty(safe.Line("looking for open tokens…"))
	return x.load()
}

// machineTokens is what was read of one machine.
type machineTokens struct {
	machine string
	list    ops.TokenList
	err     error
}

func (x *tokensScreen) load() tea.Cmd {
	x.loading, x.reached = true, map[string]bool{}
	return overMachines(x.c, x.s, "tokens", func(ctx context.Context, m workflow.Machine) machineTokens {
		list, err := x.c.OpenTokens(ctx, ops.TokenFilter{MachineARN: m.ARN})
		return machineTokens{machine: m.ARN, list: list, err: err}
	})
}

func (x *tokensScreen) Update(msg tea.Msg) tea.Cmd {
	if cmd, ok := acted(msg); ok {
		return cmd
	}
	switch msg := msg.(type) {
	case tui.Batch[machineTokens]:
		return x.gathered(msg)
	case tui.Tick:
		return x.load()
	case tea.KeyPressMsg:
		x.table.Key(msg)
	case tea.MouseClickMsg:
		x.table.Click(msg.Y - 1) // the bar is above
	}
	return nil
}

func (x *tokensScreen) gathered(b tui.Batch[machineTokens]) tea.Cmd {
	for _, read := range b.Items {
		x.take(read)
	}
	x.arrange()
	if !b.Done {
		return nil
	}
	x.loading, x.err = false, b.Err
	var told tea.Cmd
	if b.Err == nil {
		x.read = x.s.Clock.Now()
		x.forget()
		x.arrange()
		x.table.SetEmpty(safe.Line("no run waits for a token"))
		told = tui.Stuck(x.count()[workflow.Dead])
	}
	return tea.Batch(told, tui.Again(x.s, "poll", max(tokensPace, time.Duration(len(x.reached))*eachPace), b.Err))
}

func (x *tokensScreen) take(read machineTokens) {
	x.reached[read.machine] = true
	delete(x.trouble, read.machine)
	if read.err != nil {
		x.trouble[read.machine] = read.err
		return
	}
	if len(read.list.Errs) > 0 {
		x.trouble[read.machine] = read.list.Errs[0]
	}
	x.tokens[read.machine] = read.list.Tokens
	x.cut = x.cut || read.list.More
}

// forget drops the machines that are no more.
func (x *tokensScreen) forget() {
	for arn := range x.tokens {
		if !x.reached[arn] {
			delete(x.tokens, arn)
			delete(x.trouble, arn)
		}
	}
}

var verdictOrder = map[workflow.Verdict]int{workflow.Dead: 0, workflow.Unknown: 1, workflow.Alive: 2}

func (x *tokensScreen) arrange() {
	var rows []*tokenRow
	for _, tokens := range x.tokens {
		for _, t := range tokens {
			rows = append(rows, newTokenRow(x.s.Clock, t))
		}
	}
	slices.SortFunc(rows, func(a, b *tokenRow) int {
		return cmp.Or(
			cmp.Compare(verdictOrder[a.token.Verdict], verdictOrder[b.token.Verdict]),
			a.token.Attempt.Scheduled.Compare(b.token.Attempt.Scheduled), cmp.Compare(a.id(), b.id()),
		)
	})
	x.table.SetRows(rows)
}

func (x *tokensScreen) Freshness() (read time.Time, loading bool, missing string) {
	if x.cut {
		missing = "of each machine the newest 1,000 running runs were looked at"
	}
	return x.read, x.loading, missing
}

func (x *tokensScreen) Filter() string { return x.text }

func (x *tokensScreen) SetFilter(text string) error {
	f, err := filter.Parse(text)
	if err == nil {
		err = f.Check("status", string(workflow.Dead), string(workflow.Unknown), string(workflow.Alive))
	}
	if err != nil {
		return err
	}
	x.text = text
	if f.Empty() {
		x.table.SetFilter(nil, false)
		return nil
	}
	x.table.SetFilter(func(row *tokenRow) bool { return f.Match(row) }, false)
	return nil
}

func (x *tokensScreen) problem() error {
	if x.err != nil {
		return x.err
	}
	for _, arn := range slices.Sorted(maps.Keys(x.trouble)) {
		return x.trouble[arn]
	}
	return nil
}

func (x *tokensScreen) current() *workflow.Run {
	if row, ok := x.table.Current(); ok {
		return &row.token.Run
	}
	return nil
}

func (x *tokensScreen) Subject() *tui.Selection {
	run := x.current()
	if run == nil {
		return nil
	}
	return &tui.Selection{Value: run.Name.String(), ARN: run.ARN, URL: x.c.runPage(run.ARN)}
}

func (x *tokensScreen) Actions() []tui.Action {
	if x.s == nil {
		return nil
	}
	none := ""
	if x.current() == nil {
		none = "there is no token under the cursor"
	}
	enter := tui.KeyAnswer
	if x.s.ReadOnly {
		enter = tui.KeyOpen
	}
	actions := []tui.Action{
		{ID: enter, Disabled: none, Run: x.resolve},
		{ID: tui.KeyMark},
		{ID: tui.KeyMarkAll},
		{ID: tui.KeySort},
		{ID: tui.KeyReverse},
	}
	marked := x.table.Marked()
	all := many{c: x.c, s: x.s, runs: runsWaiting(marked)}
	for _, a := range runActions(x.c, x.s, x.current) {
		switch do := all.over(a.ID); {
		case do != nil && len(marked) > 0:
			a.Disabled, a.Run = "", do
		case a.ID == tui.KeyToken && none == "":
			a.Run = x.choose
		}
		actions = append(actions, a)
	}
	return append(actions, renewal(x.c, x.s, x.problem())...)
}

// runsWaiting are the runs that the tokens are of, each once.
func runsWaiting(rows []*tokenRow) []workflow.Run {
	var runs []workflow.Run
	seen := map[string]bool{}
	for _, row := range rows {
		if run := row.token.Run; !seen[run.ARN] {
			seen[run.ARN] = true
			runs = append(runs, run)
		}
	}
	return runs
}

// answering is the token under the cursor.
func (x *tokensScreen) answering() answering {
	row, _ := x.table.Current()
	return answering{acting{x.c, x.s, row.token.Run}, row.token}
}

// resolve fails a dead token with what ECS says, which is what it needs; any
// other is asked about.
func (x *tokensScreen) resolve() tea.Cmd {
	a := x.answering()
	if reason := a.noToken(); reason != "" {
		return tui.Toast(tui.Warn, safe.Linef("run %s: %s", a.run.Name, reason))
	}
	if x.s.ReadOnly {
		return tui.Push(newRun(x.c, a.run, TabTask))
	}
	if a.token.Verdict == workflow.Dead {
		return a.confirm(a.failure())
	}
	return a.choose()
}

func (x *tokensScreen) choose() tea.Cmd { return x.answering().choose() }

func (x *tokensScreen) View(w, h int) string {
	if x.s == nil || h <= 0 {
		return fill(nil, w, h)
	}
	empty := len(x.tokens) == 0 && x.problem() != nil
	bottom := inPlace(x.s.Theme, x.problem(), w, h, empty)
	return stacked([]string{x.bar(w)}, bottom, w, h, func(w, h int) string {
		if empty {
			return fill(nil, w, h)
		}
		return x.table.View(w, h)
	})
}

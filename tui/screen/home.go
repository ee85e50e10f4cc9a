package screen

import (
	"cmp"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/filter"
	"github.com/stepdeck/stepdeck/tui/widget"
)

// homeScreen lists the machines, and above them what needs a person.
type homeScreen struct {
	c *Console
	s *tui.Scope

	table *widget.Table[*machineRow]
	rows  map[string]*machineRow // by ARN
	next  string                 // page of machines that + loads
	text  string
	// filter is what text says.
	filter filter.Filter

	needs       []need
	interrupted []bulkNeed
	at          int // need under the cursor
	// Where the last View began the needs and the machines.
	firstNeed, shownNeeds, tableLine int
	// above: the cursor is among the needs. It goes there by itself for as
	// long as the user has pressed no key.
	above, touched bool
	failed, stuck  int // runs, of what was read

	read    time.Time
	loading bool
	err     error
	bulkErr error // why it is not known what was interrupted
}

// NewHome makes the first screen of a console.
func NewHome(c *Console) tui.Screen {
	return &homeScreen{c: c, rows: map[string]*machineRow{}}
}

func (h *homeScreen) Title() string   { return "machines" }
func (h *homeScreen) Capturing() bool { return false }

func (h *homeScreen) Open(s *tui.Scope) tea.Cmd {
	h.s = s
	h.table = widget.NewTable(s.Theme, func(m *machineRow) string { return m.machine.ARN }, machineColumns(s)...)
	h.table.SetEmpty(safe.Line("reading…"))
	return tea.Batch(h.list(""), h.c.askAccount(s), h.c.findBulks(s))
}

func (h *homeScreen) Update(msg tea.Msg) tea.Cmd {
	if cmd, ok := acted(msg); ok {
		return cmd
	}
	switch msg := msg.(type) {
	case tui.Loaded[accountID]:
		return h.c.located(msg.Value, msg.Err)
	case tui.Loaded[machinePage]:
		return h.listed(msg.Value, msg.Err)
	case tui.Loaded[[]bulkNeed]:
		h.interrupted, h.bulkErr = msg.Value, msg.Err
		h.findNeeds()
	case tui.Loaded[[]machineRead]:
		return h.surveyed(msg.Value)
	case tui.Tick:
		return h.tick(msg.Key)
	case tea.KeyPressMsg:
		h.touched = true
		return h.key(msg)
	case tea.MouseClickMsg:
		h.touched = true
		return h.click(msg.Y)
	}
	return nil
}

func (h *homeScreen) tick(key string) tea.Cmd {
	switch key {
	case "rest":
		return h.survey(false)
	case "beat":
		return h.survey(true)
	case runChanged:
		return h.refresh()
	}
	return h.list("")
}

// refresh reads all that is seen anew.
func (h *homeScreen) refresh() tea.Cmd {
	for _, m := range h.table.Visible() {
		m.stale, m.tokensAt = true, time.Time{}
	}
	return h.list("")
}

// key moves in the needs or in the table, and from one to the other at their ends.
func (h *homeScreen) key(k tea.KeyPressMsg) tea.Cmd {
	if h.above {
		switch k.String() {
		case "j", "down":
			h.above = h.at < len(h.needs)-1
			h.at = min(h.at+1, len(h.needs)-1)
		case "k", "up":
			h.at = max(0, h.at-1)
		case "g", "home":
			h.at = 0
		case "G", "end":
			h.above = false
			h.table.Key(k)
		}
		return nil
	}
	before, _ := h.table.Current()
	if !h.table.Key(k) {
		return nil
	}
	after, _ := h.table.Current()
	if up := k.String() == "k" || k.String() == "up"; up && before == after && len(h.needs) > 0 {
		h.above, h.at = true, len(h.needs)-1
	}
	return h.rest()
}

func (h *homeScreen) otherPane() tea.Cmd {
	h.touched = true
	h.above = !h.above && len(h.needs) > 0
	return nil
}

// arrange hands the machines to the table: watched ones first, those whose
// runs cannot be listed last, else by name.
func (h *homeScreen) arrange() {
	rows := make([]*machineRow, 0, len(h.rows))
	for _, m := range h.rows {
		rows = append(rows, m)
	}
	rank := func(m *machineRow) int {
		if at := slices.Index(h.c.Watched, m.machine.Name.String()); at >= 0 {
			return at
		}
		if m.machine.Type == workflow.Express {
			return len(h.c.Watched) + 1
		}
		return len(h.c.Watched)
	}
	slices.SortFunc(rows, func(a, b *machineRow) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a.machine.Name.String(), b.machine.Name.String()))
	})
	h.table.SetRows(rows)
	h.c.memory.machines = h.c.memory.machines[:0]
	for _, m := range rows {
		h.c.memory.machines = append(h.c.memory.machines, m.machine)
	}
}

// click goes to the need or the machine at a line of the view.
func (h *homeScreen) click(y int) tea.Cmd {
	if need := h.firstNeed + y - 1; y >= 1 && y <= h.shownNeeds {
		h.above, h.at = true, need
		return nil
	}
	if h.table.Click(y - h.tableLine) {
		h.above = false
	}
	return h.rest()
}

func (h *homeScreen) Filter() string { return h.text }

// SetFilter shows the machines that the text fits.
func (h *homeScreen) SetFilter(text string) error {
	f, err := filter.Parse(text, machineFields...)
	if err != nil {
		return err
	}
	narrows := f.Narrows(h.filter)
	h.text, h.filter, h.above = text, f, false
	var fits func(*machineRow) bool
	if !f.Empty() {
		now := h.s.Clock.Now()
		fits = func(m *machineRow) bool { return f.Match(machineFacts{m, now}) }
	}
	h.table.SetFilter(fits, narrows)
	return nil
}

// Freshness is when the machines were listed, and what is left out.
func (h *homeScreen) Freshness() (read time.Time, loading bool, missing string) {
	if h.next != "" {
		missing = "first " + safe.Count(len(h.rows)).String() + " machines: + loads more"
	}
	return h.read, h.loading, missing
}

// current is the run that the cursor is on, which is among the needs only.
func (h *homeScreen) current() *workflow.Run {
	if h.above && h.at < len(h.needs) && h.needs[h.at].kind != bulkAction {
		return &h.needs[h.at].run
	}
	return nil
}

func (h *homeScreen) machine() *workflow.Machine {
	if h.above {
		return nil
	}
	if row, ok := h.table.Current(); ok {
		return &row.machine
	}
	return nil
}

// Subject is the machine or the run under the cursor.
func (h *homeScreen) Subject() *tui.Selection {
	out := &tui.Selection{File: "machines.json", Export: func() ([]byte, error) { return exportMachines(h.table.Shown()) }}
	if run := h.current(); run != nil {
		out.Value, out.ARN, out.URL = run.Name.String(), run.ARN, h.c.runPage(run.ARN)
	} else if m := h.machine(); m != nil {
		out.Value, out.ARN, out.URL = m.Name.String(), m.ARN, h.c.machinePage(m.ARN)
	}
	return out
}

func (h *homeScreen) Actions() []tui.Action {
	if h.s == nil {
		return nil
	}
	none, noMore, noNeeds := "", "", ""
	if !h.above && h.machine() == nil {
		none = "there is nothing under the cursor"
	}
	if h.next == "" {
		noMore = "all machines are loaded"
	}
	if len(h.needs) == 0 {
		noNeeds = "nothing needs you"
	}
	actions := []tui.Action{
		{ID: tui.KeyOpen, Disabled: none, Run: h.open},
		{ID: tui.KeyTokens, Run: func() tea.Cmd { return tui.Push(newTokens(h.c)) }},
		{ID: tui.KeyGroup, Run: func() tea.Cmd { return tui.Push(newFailures(h.c, nil)) }},
		{ID: tui.KeyStack, Disabled: h.c.noStack(), Run: func() tea.Cmd { return tui.Push(newStack(h.c, "")) }},
		{ID: tui.KeyMore, Disabled: noMore, Run: func() tea.Cmd { return h.list(h.next) }},
		{ID: tui.KeyNextPane, Disabled: noNeeds, Run: h.otherPane},
		{ID: tui.KeySort},
		{ID: tui.KeyReverse},
	}
	for _, a := range runActions(h.c, h.s, h.current) {
		if m := h.machine(); a.ID == tui.KeyNew && m != nil {
			a.Disabled = ""
			a.Run = func() tea.Cmd { return tui.Push(newForm(h.c, FormSpec{Machine: *m})) }
		}
		actions = append(actions, a)
	}
	if login := renewal(h.c, h.s, h.problem()); login != nil {
		return append(actions, login...)
	}
	return append(actions, tui.Action{ID: tui.KeyRefresh, Run: h.refresh})
}

func (h *homeScreen) open() tea.Cmd {
	h.touched = true
	if m := h.machine(); m != nil {
		return tui.Push(newRuns(h.c, m))
	}
	return h.openNeed(h.needs[h.at])
}

// openNeed shows what the need is about: of one failed run why it failed, of
// several the group that they are of.
func (h *homeScreen) openNeed(n need) tea.Cmd {
	switch {
	case n.kind == bulkAction:
		return tea.Batch(n.bulk.open(h.c), tui.After(h.s, runChanged, restTime))
	case n.kind == deadToken:
		return tui.Push(newTokens(h.c))
	case n.kind == orphanTask:
		return tui.Push(newRun(h.c, n.run, TabTask))
	case n.count > 1:
		m := machineOf(n.run)
		return tui.Push(newFailuresAt(h.c, &m, n.alike))
	}
	return tui.Push(newRun(h.c, n.run, TabVerdict))
}

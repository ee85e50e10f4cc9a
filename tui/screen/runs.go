package screen

import (
	"maps"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/filter"
	"github.com/stepdeck/stepdeck/tui/widget"
)

// runsScreen lists the runs of one machine, or of all.
type runsScreen struct {
	c       *Console
	s       *tui.Scope
	machine *workflow.Machine // nil: all

	table *widget.Table[*runRow]
	rows  map[string]*runRow // by ARN
	// By machine: whether older runs were left unread, whether more than the
	// first page was read, whether it was read at all, and why it could not be.
	more, grown, seen map[string]bool
	trouble           map[string]error
	limit             int

	status workflow.Status // what AWS is asked for; empty: all
	text   string
	filter filter.Filter
	group  *runGroup // that the list is restricted to; nil: it is not

	read    time.Time
	loading bool
	err     error
}

func newRuns(c *Console, machine *workflow.Machine) tui.Screen { return newRunList(c, machine) }

func newRunList(c *Console, machine *workflow.Machine) *runsScreen {
	return &runsScreen{
		c: c, machine: machine, limit: firstRuns, rows: map[string]*runRow{},
		more: map[string]bool{}, grown: map[string]bool{}, seen: map[string]bool{}, trouble: map[string]error{},
	}
}

func (r *runsScreen) Title() string {
	switch {
	case r.machine == nil:
		return "all runs"
	case r.group != nil:
		return titleOf(r.group.Signature).Truncate(30).String()
	}
	return r.machine.Name.String()
}

func (r *runsScreen) Open(s *tui.Scope) tea.Cmd {
	r.s = s
	r.table = widget.NewTable(s.Theme, func(row *runRow) string { return row.run.ARN }, runColumns(s, r.machine == nil)...)
	r.table.SetEmpty(safe.Line("reading…"))
	if r.machine != nil && r.machine.Type == workflow.Express {
		r.read = s.Clock.Now()
		r.table.SetEmpty(r.nothing())
		return nil
	}
	return r.load(r.limit)
}

func (r *runsScreen) Capturing() bool { return false }

func (r *runsScreen) Update(msg tea.Msg) tea.Cmd {
	if cmd, ok := acted(msg); ok {
		return cmd
	}
	switch msg := msg.(type) {
	case tui.Loaded[machineRuns]:
		msg.Value.err = msg.Err
		return r.loaded(msg.Value)
	case tui.Batch[machineRuns]:
		return r.gathered(msg)
	case tui.Loaded[[]glanced]:
		return r.glanced(msg.Value)
	case tui.Tick:
		return r.tick(msg.Key)
	case tea.KeyPressMsg:
		return r.key(msg)
	case tea.MouseClickMsg:
		r.table.Click(msg.Y - 1) // the bar is above
		return r.rest()
	}
	return nil
}

func (r *runsScreen) tick(key string) tea.Cmd {
	if key == "rest" {
		return r.enrich()
	}
	return r.load(firstRuns)
}

func (r *runsScreen) key(k tea.KeyPressMsg) tea.Cmd {
	if r.table.Key(k) {
		return r.rest()
	}
	return nil
}

// Filter is the filter's text.
func (r *runsScreen) Filter() string { return r.text }

// SetFilter shows the runs that the text fits.
func (r *runsScreen) SetFilter(text string) error {
	f, err := filter.Parse(text)
	if err == nil {
		err = f.Check("status", statusWords...)
	}
	if err != nil {
		return err
	}
	narrows := f.Narrows(r.filter)
	r.text, r.filter = text, f
	r.table.SetFilter(r.match(), narrows)
	return nil
}

// match is what the filter leaves.
func (r *runsScreen) match() func(*runRow) bool {
	if r.filter.Empty() {
		return nil
	}
	return func(row *runRow) bool { return r.filter.Match(row) }
}

// refilter looks at the rows again after more is known of them.
func (r *runsScreen) refilter() {
	if !r.filter.Empty() {
		r.table.SetFilter(r.match(), false)
	}
}

// Freshness is when the newest runs were read.
func (r *runsScreen) Freshness() (read time.Time, loading bool, missing string) {
	for _, more := range r.more {
		if more {
			missing = "older runs are not loaded: + loads more"
		}
	}
	return r.read, r.loading, missing
}

// current is the run under the cursor.
func (r *runsScreen) current() *workflow.Run {
	row, ok := r.table.Current()
	if !ok {
		return nil
	}
	return &row.run
}

// Subject is the run under the cursor; the marked runs, or all shown, are
// exported.
func (r *runsScreen) Subject() *tui.Selection {
	run := r.current()
	if run == nil {
		return nil
	}
	return &tui.Selection{
		Value: run.Name.String(), ARN: run.ARN, URL: r.c.runPage(run.ARN), File: "runs.json",
		Export: func() ([]byte, error) {
			rows := r.table.Marked()
			if len(rows) == 0 {
				rows = r.table.Shown()
			}
			return exportRuns(rows)
		},
	}
}

// statuses are what f goes through.
var statuses = []workflow.Status{"", workflow.Running, workflow.Failed, workflow.TimedOut, workflow.Aborted, workflow.Succeeded}

// nextStatus asks AWS for the runs of the next status.
func (r *runsScreen) nextStatus() tea.Cmd {
	for i, s := range statuses {
		if s == r.status {
			r.status = statuses[(i+1)%len(statuses)]
			break
		}
	}
	clear(r.rows)
	clear(r.more)
	clear(r.grown)
	r.limit, r.read = firstRuns, time.Time{}
	r.table.SetEmpty(safe.Line("reading…"))
	r.refilter()
	r.arrange()
	return r.load(r.limit)
}

// loadMore reads further back: ten times as far at first, then twice as far,
// because reading goes from the newest run on each time.
func (r *runsScreen) loadMore() tea.Cmd {
	r.limit = max(2*r.limit, mostRuns)
	return r.load(r.limit)
}

func (r *runsScreen) noMore() string {
	if _, _, missing := r.Freshness(); missing == "" {
		return "all runs that AWS knows are loaded"
	}
	return ""
}

// problem is what the screen tells in place.
func (r *runsScreen) problem() error {
	if r.err != nil {
		return r.err
	}
	if err := expiredIn(r.trouble); err != nil {
		return err
	}
	for _, arn := range slices.Sorted(maps.Keys(r.trouble)) {
		return r.trouble[arn]
	}
	return nil
}

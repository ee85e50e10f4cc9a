package screen

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

const (
	// logMemory bounds the lines that are held, in bytes.
	logMemory = 256 << 20
	// saveLimit bounds the making of the file's content.
	saveLimit = time.Minute
	// searchStep is how many lines a search looks at before it goes on.
	searchStep = 1 << 16
)

// The keys of the log's requests.
const (
	askLog  = "log tail"
	askSave = "log save"
)

// logPane is the log of a run: what its tasks have written, then what they
// write.
type logPane struct {
	console *Console
	run     workflow.Run
	scope   *tui.Scope
	lines   *widget.Lines
	feed    *feed
	moments []moment                   // of the lines
	writers map[int]safe.Text          // by attempt, the container that wrote first
	streams map[string]workflow.LogRef // by attempt and container
	newest  workflow.LogRef            // the stream of the last line
	goal    goal
	pattern string
	err     error
	read    time.Time
	ended   bool // all was read
}

// goal is where to go once its lines are there: the first line from a moment
// on, the last one up to it with before, of all attempts or of one; without a
// moment, that attempt alone.
type goal struct {
	at      time.Time
	before  bool
	attempt int // from 1; 0: any
}

// moment is when a line was written, in Unix milliseconds.
type moment struct {
	milli   int64
	attempt int
}

// of reports that the moment is one of an attempt, or that any will do.
func (m moment) of(attempt int) bool { return attempt == 0 || m.attempt == attempt }

// newLogPane makes the pane; open starts reading.
func newLogPane(c *Console, run workflow.Run) *logPane {
	p := &logPane{console: c, run: run}
	p.reset()
	return p
}

func (p *logPane) reset() {
	p.lines = widget.NewLines(p.console.Env.Theme, logMemory, p.console.Env.Clock.Now().Location())
	p.lines.SetStart(p.run.Started)
	p.feed, p.moments, p.err, p.ended, p.read = &feed{}, nil, nil, false, time.Time{}
	p.writers, p.streams, p.newest = map[int]safe.Text{}, map[string]workflow.LogRef{}, workflow.LogRef{}
}

// seek goes to a goal once it is there; the zero goal goes nowhere.
func (p *logPane) seek(to goal) {
	p.goal = to
	if p.ended || p.arrived(p.moments) {
		p.reach()
	}
}

// open reads the log from its head. It is read once.
func (p *logPane) open(s *tui.Scope) tea.Cmd {
	if p.scope != nil {
		return nil
	}
	p.scope = s
	return p.tail()
}

// again reads the log anew, if it was opened: after an error, or for what a
// redrive adds.
func (p *logPane) again() tea.Cmd {
	if p.scope == nil {
		return nil
	}
	p.reset()
	_ = p.lines.Search(p.pattern) // the pattern was right before
	return p.tail()
}

func (p *logPane) tail() tea.Cmd {
	source, service, arn := p.feed, p.console.Service, p.run.ARN
	return tui.Live(p.scope, askLog, func(ctx context.Context) (<-chan feedItem, error) {
		return source.tail(ctx, service, arn)
	})
}

func (p *logPane) reading() bool { return p.scope != nil && p.scope.Busy(askLog) }

// followed reports that lines come as they are written, once the first were read.
func (p *logPane) followed() bool { return p.reading() && !p.read.IsZero() }

// update takes what the log brings. ok is false for messages of others.
func (p *logPane) update(msg tea.Msg) (cmd tea.Cmd, ok bool) {
	switch msg := msg.(type) {
	case tui.Batch[feedItem]:
		p.take(msg)
		return nil, true
	case tui.Loaded[[]byte]:
		if msg.Key != askSave {
			return nil, false
		}
		return tui.Save(p.file(), msg.Value), true
	}
	return nil, false
}

func (p *logPane) take(batch tui.Batch[feedItem]) {
	lines := make([]widget.LogLine, 0, len(batch.Items)+1)
	for _, item := range batch.Items {
		switch {
		case item.begun:
			p.feed.begin(item.since)
		case item.Err != nil:
			p.err = item.Err
		default:
			p.noteStream(item.TailItem)
			lines = p.feed.lines(lines, item.TailItem)
		}
	}
	from := len(p.moments)
	for _, l := range lines {
		if l.Kind != widget.Logged {
			continue
		}
		p.moments = append(p.moments, moment{l.Time.UnixMilli(), l.Attempt})
		if _, known := p.writers[l.Attempt]; !known {
			p.writers[l.Attempt] = l.Container
		}
	}
	p.lines.Append(lines...)
	p.read = p.console.Env.Clock.Now()
	if p.ended = batch.Done; batch.Done && batch.Err != nil {
		p.err = batch.Err
	}
	if p.ended || p.arrived(p.moments[from:]) {
		p.reach()
	}
}

// arrived reports that the goal is among the lines written at moments, or
// behind them.
func (p *logPane) arrived(moments []moment) bool {
	return slices.ContainsFunc(moments, func(m moment) bool {
		return m.of(p.goal.attempt) && (p.goal.at.IsZero() || m.milli > p.goal.at.UnixMilli())
	})
}

// reach goes to the goal, once.
func (p *logPane) reach() {
	to := p.goal
	p.goal = goal{}
	switch {
	case !to.at.IsZero():
		at := to.at
		if to.before {
			at = p.latest(to)
		}
		p.lines.GoTo(at, to.attempt)
	case to.attempt > 0:
		p.lines.ShowSource(p.writers[to.attempt], to.attempt)
	}
}

// latest is when the last line up to the goal's moment was written; that moment
// itself where there is none.
func (p *logPane) latest(to goal) time.Time {
	best := int64(-1)
	for _, m := range p.moments {
		if m.of(to.attempt) && m.milli <= to.at.UnixMilli() {
			best = max(best, m.milli)
		}
	}
	if best < 0 {
		return to.at
	}
	return time.UnixMilli(best)
}

// search finds a text; an empty one ends the search.
func (p *logPane) search(pattern string) error {
	if err := p.lines.Search(pattern); err != nil {
		return fmt.Errorf("search the log: %w", err)
	}
	p.pattern = pattern
	p.finish()
	return nil
}

// finish brings a search to its end.
func (p *logPane) finish() {
	if s := p.lines.Pending(); s != nil {
		for !p.lines.Found(s.Step(searchStep)) {
		}
	}
}

func (p *logPane) key(k tea.KeyPressMsg) tea.Cmd {
	p.goal = goal{}
	p.lines.Key(k)
	p.finish()
	return nil
}

// actions are the keys of a log. Those without Run are the widget's own.
func (p *logPane) actions() []tui.Action {
	out := []tui.Action{
		{ID: tui.KeyFollow},
		{ID: tui.KeyKeep},
		{ID: tui.KeyWrap},
		{ID: tui.KeySideways},
		{ID: tui.KeyTimes},
		{ID: tui.KeyContainer},
		{ID: tui.KeySelect},
		{ID: tui.KeyMarker, Run: p.mark},
		{ID: tui.KeySave, Run: p.save},
	}
	if p.pattern != "" {
		out = append(out, tui.Action{ID: tui.KeyNextHit}, tui.Action{ID: tui.KeyPrevHit})
	}
	if p.lines.State().Selecting {
		out = append(out, tui.Action{ID: tui.KeyBack, Run: p.unselect})
	}
	return out
}

// takes reports that the log needs the key of an action on runs for itself.
func (p *logPane) takes(id tui.ID) bool {
	switch id {
	case tui.KeyLog, tui.KeyTokens:
		return true
	case tui.KeyNew, tui.KeyClone:
		return p.pattern != ""
	default:
		return false
	}
}

func (p *logPane) unselect() tea.Cmd {
	p.lines.ToggleSelect()
	return nil
}

func (p *logPane) mark() tea.Cmd {
	p.lines.SetMarker(safe.Line("marker"), p.console.Env.Clock.Now())
	return nil
}

// save writes the whole log, as received, into a file.
func (p *logPane) save() tea.Cmd {
	if p.scope == nil {
		return nil
	}
	held := p.lines.Saved()
	return tui.Load(p.scope, askSave, saveLimit, func(context.Context) ([]byte, error) {
		var out bytes.Buffer
		_, err := held.WriteTo(&out)
		return out.Bytes(), err
	})
}

func (p *logPane) file() string { return fileName(p.run.Name.String()) + ".log" }

// value is the line under the cursor, or those selected.
func (p *logPane) value() string { return p.lines.Copied() }

// view is a line about the log over its lines.
func (p *logPane) view(w, h int) string {
	t := p.console.Env.Theme
	head := []string{paintLine(t, p.about(w), w)}
	if p.err != nil {
		head = append(head, problemLines(t, p.err, w, min(4, max(0, h-2)))...)
	}
	if s := p.lines.State(); s.Lines == 0 && p.err == nil {
		text := "reading the log" + t.Glyph(theme.GlyphEllipsis)
		if p.ended {
			text = "nothing was written"
		}
		head = append(head, paintLine(t, dimLine(safe.Line("  "+text)), w))
	}
	if len(head) >= h {
		return fill(head, w, h)
	}
	return fill(head, w, len(head)) + "\n" + p.lines.View(w, h-len(head))
}

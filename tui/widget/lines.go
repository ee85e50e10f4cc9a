package widget

import (
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// TimeMode is how a log view writes the time of a line.
type TimeMode int

// The modes, in the order of NextTimes.
const (
	SinceStart TimeMode = iota
	LocalTime
	UTCTime
	NoTime
	timeModes
)

// String names the mode.
func (m TimeMode) String() string {
	return [...]string{"since start", "local", "UTC", "none"}[m]
}

// Lines is a log: lines are appended, the oldest dropped beyond a number of
// bytes. It follows the end until the cursor leaves it.
type Lines struct {
	theme   *theme.Theme
	store   *logStore
	sources []source
	zone    *time.Location
	start   time.Time
	times   TimeMode
	wrap    bool
	shift   int // cells that long lines are moved left by

	sieve   sieve
	rows    index // lines shown, where not all are
	hits    index
	running *Search // not done yet
	pending *Search // not yet taken by Pending

	cursor    int // number of a line
	anchor    int // number of the line on top
	sub       int // wrapped rows of it above the view
	follow    bool
	selecting struct {
		on   bool
		from int
	}
	width, height int // as last drawn, without gutter
}

// NewLines makes an empty log that holds up to limit bytes. zone is the local
// time zone.
func NewLines(t *theme.Theme, limit int, zone *time.Location) *Lines {
	l := &Lines{theme: t, store: newLogStore(limit), zone: zone, follow: true, width: 80, height: 24}
	l.sieve.source = -1
	return l
}

// SetStart is what "since start" counts from; without it, the first line with
// a time.
func (l *Lines) SetStart(start time.Time) { l.start = start }

// Append adds lines at the end.
func (l *Lines) Append(lines ...LogLine) {
	for i := range lines {
		l.add(&lines[i])
	}
	l.settle()
}

func (l *Lines) add(line *LogLine) {
	st := stamp{kind: line.Kind, source: l.sourceOf(line)}
	if !line.Time.IsZero() {
		st.milli = line.Time.UnixMilli()
		if l.start.IsZero() && line.Kind == Logged {
			l.start = line.Time
		}
	}
	text := line.Text.OneLine()
	n := l.store.next
	l.store.append(text, st, line.Raw)
	shown, hit := l.sieve.takes(text, st)
	if shown && l.listed() {
		l.rows.newer = append(l.rows.newer, int32(n))
	}
	if hit {
		l.hits.newer = append(l.hits.newer, int32(n))
	}
}

// sourceOf numbers the containers of the attempts as they come up.
func (l *Lines) sourceOf(line *LogLine) uint16 {
	key := source{line.Container, line.Attempt}
	for i := len(l.sources) - 1; i >= 0; i-- {
		if l.sources[i] == key {
			return uint16(i)
		}
	}
	if len(l.sources) == 1<<16-1 {
		return uint16(len(l.sources) - 1)
	}
	l.sources = append(l.sources, key)
	return uint16(len(l.sources) - 1)
}

// settle keeps cursor and lists within the lines that are held and shown.
func (l *Lines) settle() {
	first := l.store.first()
	l.rows.drop(first)
	l.hits.drop(first)
	if l.follow {
		l.cursor = l.number(l.count() - 1)
	}
	l.cursor = l.number(l.place(l.cursor))
	if l.anchor < first {
		l.anchor, l.sub = first, 0
	}
}

// listed reports that not all lines are shown.
func (l *Lines) listed() bool { return l.sieve.source >= 0 || l.sieve.keep && !l.sieve.pattern.empty() }

// count is how many lines are shown.
func (l *Lines) count() int {
	if l.listed() {
		return l.rows.len()
	}
	return l.store.next - l.store.first()
}

// number is the line at a place among those shown; place is the reverse, for a
// line not shown the next one.
func (l *Lines) number(place int) int {
	place = max(0, min(place, l.count()-1))
	if !l.listed() {
		return l.store.first() + place
	}
	if l.rows.len() == 0 {
		return l.store.first()
	}
	return l.rows.at(place)
}

func (l *Lines) place(number int) int {
	if l.listed() {
		return min(l.rows.place(number), max(0, l.rows.len()-1))
	}
	return max(0, min(number-l.store.first(), l.count()-1))
}

// Search finds a text in smart case, or a regular expression where it has any
// of its characters; an empty pattern ends the search. Run what Pending
// returns.
func (l *Lines) Search(text string) error {
	p, err := newPattern(text)
	if err != nil {
		return err
	}
	if text == l.sieve.pattern.source {
		return nil
	}
	l.sieve.pattern = p
	l.sift()
	return nil
}

// sift looks through all lines anew. The first step is done at once, so that
// only long logs need more.
func (l *Lines) sift() {
	l.rows, l.hits = index{}, index{}
	l.running, l.pending = nil, nil
	if l.listed() || !l.sieve.pattern.empty() {
		s := &Search{sieve: l.sieve, chunks: l.store.snapshot(), at: l.store.first(), end: l.store.next, list: l.listed()}
		l.running = s
		if !l.Found(s.Step(searchStep)) {
			l.pending = s
		}
	}
	l.settle()
}

// Pending returns the search that has to be run for what was asked last, once;
// nil when there is none. It replaces one returned before.
func (l *Lines) Pending() *Search {
	s := l.pending
	l.pending = nil
	return s
}

// Found takes what a step of a search brought and reports whether the search
// is at its end. What an older search brings is ignored.
func (l *Lines) Found(h Hits) bool {
	if h.search == nil || h.search != l.running {
		return true
	}
	l.hits.older = append(l.hits.older, h.hits...)
	l.rows.older = append(l.rows.older, h.rows...)
	if h.Done {
		l.running = nil
	}
	l.settle()
	return h.Done
}

// LogState is what a log view tells of itself.
type LogState struct {
	Lines     int  // held
	Shown     int  // of them shown
	Dropped   int  // older lines that are no longer held
	Hits      int  // of the search so far
	Hit       int  // which of them the cursor is on, from 1; 0: on none
	Searching bool // hits are still coming
	Following bool
	Keeping   bool
	Wrapping  bool
	Selecting bool
	Times     TimeMode
	// Container and Attempt are the only ones shown; empty and 0 when all are.
	Container safe.Text
	Attempt   int
}

// State is for the header and footer of the screen.
func (l *Lines) State() LogState {
	s := LogState{
		Lines: l.store.next - l.store.first(), Shown: l.count(), Dropped: l.store.first(),
		Hits: l.hits.len(), Searching: l.running != nil, Following: l.follow, Keeping: l.sieve.keep,
		Wrapping: l.wrap, Selecting: l.selecting.on, Times: l.times,
	}
	if at := l.hits.place(l.cursor); at < l.hits.len() && l.hits.at(at) == l.cursor {
		s.Hit = at + 1
	}
	if l.sieve.source >= 0 {
		s.Container, s.Attempt = l.sources[l.sieve.source].container, l.sources[l.sieve.source].attempt
	}
	return s
}

// Copied is the line under the cursor or the selected lines, raw as received.
func (l *Lines) Copied() string {
	if l.count() == 0 {
		return ""
	}
	from, to := l.selection()
	var b strings.Builder
	for place := from; place <= to; place++ {
		if place > from {
			b.WriteByte('\n')
		}
		b.WriteString(l.store.raw(l.number(place)))
	}
	return b.String()
}

// selection is the places selected, both inclusive: the cursor's where nothing is.
func (l *Lines) selection() (from, to int) {
	from = l.place(l.cursor)
	to = from
	if l.selecting.on {
		other := l.place(l.selecting.from)
		from, to = min(from, other), max(to, other)
	}
	return from, to
}

// Saved is the lines held now, for writing to a file.
func (l *Lines) Saved() Saved { return Saved{l.store.snapshot()} }

package widget

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// panStep is how far one key moves long lines sideways, in cells.
const panStep = 16

// Key moves and handles n, N, &, w, t, tab, v, left and right. After it, run
// what Pending returns.
func (l *Lines) Key(k tea.KeyPressMsg) bool {
	switch key := k.String(); key {
	case "n":
		l.Next()
	case "N":
		l.Previous()
	case "&":
		l.ToggleKeep()
	case "w":
		l.ToggleWrap()
	case "t":
		l.NextTimes()
	case "tab":
		l.NextSource()
	case "v":
		l.ToggleSelect()
	case "right":
		l.shift += panStep
	case "left":
		l.shift = max(0, l.shift-panStep)
	default:
		return l.move(key)
	}
	return true
}

func (l *Lines) move(key string) bool {
	if key == "G" || key == "end" {
		l.Follow()
		return true
	}
	if l.within(key) {
		return true
	}
	w := window{cursor: l.place(l.cursor), height: l.height}
	if !w.key(key, l.count()) {
		return false
	}
	down := w.cursor > l.place(l.cursor)
	l.follow = l.follow && !l.selecting.on && (down || w.cursor == l.count()-1 && key == "j")
	l.cursor = l.number(w.cursor)
	return true
}

// within scrolls inside a wrapped line that is taller than the view.
func (l *Lines) within(key string) bool {
	if !l.wrap || l.cursor != l.anchor || l.count() == 0 {
		return false
	}
	switch key {
	case "j", "down":
		if l.rowsOf(l.cursor)-l.sub > l.height {
			l.sub++
			l.follow = false
			return true
		}
	case "k", "up":
		if l.sub > 0 {
			l.sub--
			l.follow = false
			return true
		}
	}
	return false
}

// Follow goes to the end and stays there.
func (l *Lines) Follow() {
	l.follow = !l.selecting.on
	l.cursor = l.number(l.count() - 1)
}

// Pause stops following.
func (l *Lines) Pause() { l.follow = false }

// Next goes to the next hit, after the last to the first.
func (l *Lines) Next() {
	if l.hits.len() == 0 {
		return
	}
	at := l.hits.place(l.cursor + 1)
	if at == l.hits.len() {
		at = 0
	}
	l.jump(l.hits.at(at))
}

// Find goes to the nearest hit: where the cursor is, else the next one below,
// else the last one above.
func (l *Lines) Find() {
	if l.hits.len() == 0 {
		return
	}
	at := min(l.hits.place(l.cursor), l.hits.len()-1)
	l.jump(l.hits.at(at))
}

// Previous goes to the hit before, before the first to the last.
func (l *Lines) Previous() {
	if l.hits.len() == 0 {
		return
	}
	at := l.hits.place(l.cursor) - 1
	if at < 0 {
		at = l.hits.len() - 1
	}
	l.jump(l.hits.at(at))
}

func (l *Lines) jump(number int) {
	l.follow = false
	l.cursor = number
}

// GoTo puts the cursor on the first line at or after a time, or on the last:
// of one attempt, or of any where attempt is 0.
func (l *Lines) GoTo(at time.Time, attempt int) {
	milli := at.UnixMilli()
	for n := l.store.first(); n < l.store.next; n++ {
		_, st := l.store.line(n)
		if of := l.sources[st.source].attempt; attempt != 0 && of != attempt {
			continue
		}
		if st.kind == Logged && st.milli >= milli {
			l.jump(l.number(l.place(n)))
			return
		}
	}
	l.jump(l.number(l.count() - 1))
}

// ToggleKeep shows only the lines that match the search, and all again.
func (l *Lines) ToggleKeep() {
	l.sieve.keep = !l.sieve.keep
	l.sift()
}

// ToggleWrap wraps long lines, and cuts them again.
func (l *Lines) ToggleWrap() {
	l.wrap = !l.wrap
	l.shift, l.sub = 0, 0
}

// NextTimes goes to the next way to write times.
func (l *Lines) NextTimes() { l.times = (l.times + 1) % timeModes }

// NextSource shows one container of one attempt after the other, then all.
func (l *Lines) NextSource() {
	for next := l.sieve.source + 1; next < len(l.sources); next++ {
		// Seams and markers may belong to no container.
		if !l.sources[next].container.Empty() {
			l.showSource(next)
			return
		}
	}
	l.showSource(-1)
}

// ShowSource shows one container of one attempt; an empty container shows all.
func (l *Lines) ShowSource(container safe.Text, attempt int) {
	for i, s := range l.sources {
		if !container.Empty() && s.container == container && s.attempt == attempt {
			l.showSource(i)
			return
		}
	}
	l.showSource(-1)
}

func (l *Lines) showSource(i int) {
	if l.sieve.source != i {
		l.sieve.source = i
		l.sift()
	}
}

// ToggleSelect begins a selection at the cursor, or ends it.
func (l *Lines) ToggleSelect() {
	l.selecting.on = !l.selecting.on
	l.selecting.from = l.cursor
	if l.selecting.on {
		l.follow = false
	}
}

// SetMarker adds a marker at the end.
func (l *Lines) SetMarker(text safe.Text, at time.Time) {
	l.Append(LogLine{Kind: Marker, Text: text, Time: at})
}

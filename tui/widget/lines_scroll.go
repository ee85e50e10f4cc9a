package widget

// scroll moves the anchor so that the cursor's line is in view. Rows are
// counted from the anchor or the cursor, never over the whole log.
func (l *Lines) scroll() {
	if !l.wrap {
		l.sub = 0
	}
	l.cursor = l.number(l.place(l.cursor))
	if l.follow {
		l.endAt(l.place(l.cursor))
		return
	}
	top, at := l.place(l.anchor), l.place(l.cursor)
	if number := l.number(top); number != l.anchor {
		l.anchor, l.sub = number, 0
	}
	switch {
	case at < top:
		l.anchor, l.sub = l.cursor, 0
	case at == top:
		l.sub = min(l.sub, max(0, l.rowsOf(l.cursor)-1))
	default:
		l.reach(top, at)
	}
	l.fillEnd()
}

// reach scrolls down until the line at is whole in view.
func (l *Lines) reach(top, at int) {
	if at-top >= l.height {
		l.endAt(at)
		return
	}
	rows := -l.sub
	for place := top; place <= at; place++ {
		rows += l.rowsOf(l.number(place))
	}
	if rows > l.height {
		l.endAt(at)
	}
}

// endAt makes the line at the last of the view. Of a line taller than the view
// the start is shown, unless it is followed.
func (l *Lines) endAt(at int) {
	rows := 0
	place := at
	for ; place >= 0; place-- {
		rows += l.rowsOf(l.number(place))
		if rows >= l.height {
			break
		}
	}
	place = max(0, place)
	l.anchor, l.sub = l.number(place), max(0, rows-l.height)
	if place == at && !l.follow {
		l.sub = 0
	}
}

// fillEnd leaves no empty rows below the last line while there are lines above.
func (l *Lines) fillEnd() {
	last := l.count() - 1
	top := l.place(l.anchor)
	if last-top >= l.height {
		return
	}
	rows := -l.sub
	for place := top; place <= last && rows < l.height; place++ {
		rows += l.rowsOf(l.number(place))
	}
	if rows >= l.height {
		return
	}
	following := l.follow
	l.follow = true // the end of the last line, not its start
	l.endAt(last)
	l.follow = following
}

// rowsOf is how many rows a line takes.
func (l *Lines) rowsOf(number int) int {
	if !l.wrap {
		return 1
	}
	text, st := l.store.line(number)
	if st.kind != Logged {
		return 1
	}
	s := text.String()
	if ascii(s) {
		return max(1, (len(s)+l.width-1)/l.width)
	}
	rows := 0
	for {
		head, _ := cut(s, l.width)
		rows++
		if s = s[len(head):]; s == "" {
			return rows
		}
	}
}

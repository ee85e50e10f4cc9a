package widget

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// Column is one column of a table of T.
type Column[T any] struct {
	Title string
	// Min is the width in cells that the column needs to be shown. Weight is
	// its share of what is left over, up to Max; Max 0 is no limit.
	Min, Max, Weight int
	// Drop orders the columns that give way on a narrow screen: the highest
	// goes first, 0 never goes.
	Drop int
	// Right aligns numbers.
	Right bool
	// Tail cuts what is too long at its start, for text whose end tells more.
	Tail bool
	// Cell is the text of a row. Role is its look; nil is common text.
	Cell func(row T) safe.Text
	Role func(row T) theme.Role
	// Spans replaces Cell and Role where a cell has several looks.
	Spans func(row T) []Span
	// Less reports the order of two rows; a nil Less cannot be sorted by.
	Less func(a, b T) bool
	// Descending is set where the first sort puts the greatest on top.
	Descending bool
}

// unsorted is the sort column of a table whose rows stand as they came.
const unsorted = -1

// Table is a list of rows in columns. Cursor and marks hold to rows by their
// identity, so that they, the order and the filter survive SetRows.
type Table[T any] struct {
	theme   *theme.Theme
	id      func(T) string
	columns []Column[T]
	empty   safe.Text

	rows       []T
	sorted     []int32 // all rows in the order of sort
	shown      []int32 // those of sorted that the filter leaves
	match      func(T) bool
	marks      map[string]struct{}
	sortColumn int
	descending bool
	win        window
	fit        fitting
}

// NewTable makes a table. id is what tells one row from every other.
func NewTable[T any](t *theme.Theme, id func(T) string, columns ...Column[T]) *Table[T] {
	return &Table[T]{theme: t, id: id, columns: columns, marks: map[string]struct{}{}, sortColumn: unsorted}
}

// SetEmpty is the text shown where there are no rows.
func (t *Table[T]) SetEmpty(text safe.Text) { t.empty = text }

// SetRows replaces the rows; the table keeps the slice. Marks of rows that are
// gone come back with the row.
func (t *Table[T]) SetRows(rows []T) {
	current, had := t.Current()
	at := t.win.cursor
	t.rows = rows
	t.arrange()
	t.win.cursor = at
	if had {
		t.seek(t.id(current))
	}
	t.win.clamp(len(t.shown))
}

// SetFilter shows only the rows that match takes; nil shows all. narrows
// promises that every row it takes was taken by the last filter too, so that
// only those are looked at.
func (t *Table[T]) SetFilter(match func(T) bool, narrows bool) {
	current, had := t.Current()
	from := t.sorted
	if narrows && t.match != nil {
		from = t.shown
	}
	t.match = match
	t.shown = t.keep(from)
	if !had || !t.seek(t.id(current)) {
		t.win.cursor = 0
	}
}

// SortBy orders the rows by a column, or as they came with a column below 0.
func (t *Table[T]) SortBy(column int, descending bool) {
	if column >= len(t.columns) || column >= 0 && t.columns[column].Less == nil {
		return
	}
	current, had := t.Current()
	t.sortColumn, t.descending = max(column, unsorted), descending
	t.arrange()
	if had {
		t.seek(t.id(current))
	}
}

// Sort is the column that the rows are ordered by, below 0 for none.
func (t *Table[T]) Sort() (column int, descending bool) { return t.sortColumn, t.descending }

func (t *Table[T]) arrange() {
	t.sorted = make([]int32, len(t.rows))
	for i := range t.sorted {
		t.sorted[i] = int32(i)
	}
	if t.sortColumn >= 0 {
		less := t.columns[t.sortColumn].Less
		slices.SortStableFunc(t.sorted, func(a, b int32) int {
			x, y := t.rows[a], t.rows[b]
			if t.descending {
				x, y = y, x
			}
			switch {
			case less(x, y):
				return -1
			case less(y, x):
				return 1
			default:
				return 0
			}
		})
	}
	t.shown = t.keep(t.sorted)
}

func (t *Table[T]) keep(from []int32) []int32 {
	if t.match == nil {
		return t.sorted
	}
	kept := make([]int32, 0, len(from))
	for _, i := range from {
		if t.match(t.rows[i]) {
			kept = append(kept, i)
		}
	}
	return kept
}

// seek puts the cursor on a row that is shown.
func (t *Table[T]) seek(id string) bool {
	for at, i := range t.shown {
		if t.id(t.rows[i]) == id {
			t.win.cursor = at
			return true
		}
	}
	return false
}

// Select puts the cursor on the row of an identity, if it is shown.
func (t *Table[T]) Select(id string) bool { return t.seek(id) }

// Current is the row under the cursor.
func (t *Table[T]) Current() (row T, ok bool) {
	if t.win.cursor >= len(t.shown) {
		return row, false
	}
	return t.rows[t.shown[t.win.cursor]], true
}

// Shown are the rows that the filter leaves, in order.
func (t *Table[T]) Shown() []T { return t.pick(t.shown) }

// Visible are the rows last drawn, for data that is fetched as it is seen.
func (t *Table[T]) Visible() []T {
	from := min(t.win.top, len(t.shown))
	return t.pick(t.shown[from:min(len(t.shown), from+t.win.height)])
}

func (t *Table[T]) pick(at []int32) []T {
	rows := make([]T, len(at))
	for i, k := range at {
		rows[i] = t.rows[k]
	}
	return rows
}

// Count is how many rows the filter leaves of how many.
func (t *Table[T]) Count() (shown, all int) { return len(t.shown), len(t.rows) }

// Marked are the marked rows in order, those that the filter hides too.
func (t *Table[T]) Marked() []T {
	if len(t.marks) == 0 {
		return nil
	}
	var marked []T
	for _, i := range t.sorted {
		if t.marked(t.rows[i]) {
			marked = append(marked, t.rows[i])
		}
	}
	return marked
}

// Unmark takes all marks away.
func (t *Table[T]) Unmark() { clear(t.marks) }

func (t *Table[T]) marked(row T) bool {
	if len(t.marks) == 0 {
		return false
	}
	_, ok := t.marks[t.id(row)]
	return ok
}

// Key handles the keys of lists: moving, space, *, s and S.
func (t *Table[T]) Key(k tea.KeyPressMsg) bool {
	switch key := k.String(); key {
	case "space":
		t.toggle()
	case "*":
		t.toggleAll()
	case "s":
		t.sortNext()
	case "S":
		t.SortBy(t.sortColumn, !t.descending)
	default:
		return t.win.key(key, len(t.shown))
	}
	return true
}

// Click puts the cursor on the row at line y of the last View, where there is
// one.
func (t *Table[T]) Click(y int) bool {
	at := t.win.top + y - 1 // below the header
	if y < 1 || y > t.win.height || at >= len(t.shown) {
		return false
	}
	t.win.cursor = at
	return true
}

// toggle marks or unmarks the current row and goes on to the next.
// toggle marks or unmarks the current row and goes on to the next.
func (t *Table[T]) toggle() {
	row, ok := t.Current()
	if !ok {
		return
	}
	if t.marked(row) {
		delete(t.marks, t.id(row))
	} else {
		t.marks[t.id(row)] = struct{}{}
	}
	t.win.key("down", len(t.shown))
}

// toggleAll marks every row shown, or unmarks them where all are marked.
func (t *Table[T]) toggleAll() {
	all := true
	for _, i := range t.shown {
		all = all && t.marked(t.rows[i])
	}
	for _, i := range t.shown {
		if all {
			delete(t.marks, t.id(t.rows[i]))
		} else {
			t.marks[t.id(t.rows[i])] = struct{}{}
		}
	}
}

// sortNext goes to the next column that can be sorted by, after the last one
// back to the order in which the rows came.
func (t *Table[T]) sortNext() {
	for c := t.sortColumn + 1; c < len(t.columns); c++ {
		if t.columns[c].Less != nil {
			t.SortBy(c, t.columns[c].Descending)
			return
		}
	}
	t.SortBy(unsorted, false)
}

package widget

import (
	"strings"
	"unicode/utf8"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

const (
	gutterWidth = 2
	tableGutter = gutterWidth + 1 // marks stand clear of the first cell
	columnGap   = 2
)

// fitting is which columns are shown and how wide, for one width of the table.
type fitting struct {
	width  int
	shown  []int
	widths []int
}

// View draws the header and the rows around the cursor.
func (t *Table[T]) View(w, h int) string {
	c := newCanvas(t.theme, w, h)
	if c.full() {
		return ""
	}
	t.fitTo(c.w)
	t.header(c)
	from, to := t.win.show(len(t.shown), c.h-1)
	if len(t.shown) == 0 && !c.full() {
		c.to(tableGutter)
		c.text(theme.Dim, t.emptyText())
		c.next()
	}
	for at := from; at < to; at++ {
		t.row(c, at)
		c.scrollbar(at-from, to-from, from, len(t.shown))
		c.next()
	}
	return c.view()
}

func (t *Table[T]) emptyText() safe.Text {
	if len(t.rows) > 0 {
		return safe.Linef("none of %s matches the filter", safe.Count(len(t.rows)))
	}
	return t.empty.Or(safe.Line("nothing here"))
}

func (t *Table[T]) header(c *canvas) {
	c.to(tableGutter)
	for n, at := range t.fit.shown {
		column := &t.columns[at]
		if n > 0 {
			c.to(c.x + columnGap)
		}
		end := c.x + t.fit.widths[n]
		arrow := ""
		if at == t.sortColumn {
			arrow = t.theme.Glyph(theme.GlyphUp)
			if t.descending {
				arrow = t.theme.Glyph(theme.GlyphDown)
			}
		}
		room := t.fit.widths[n] - utf8.RuneCountInString(arrow)
		title := safe.Line(column.Title).Truncate(room)
		if column.Right {
			c.to(end - utf8.RuneCountInString(arrow) - title.Width())
		}
		c.text(theme.Title, title)
		c.sign(theme.Title, arrow)
		c.to(end)
	}
	c.next()
}

func (t *Table[T]) row(c *canvas, at int) {
	row := t.rows[t.shown[at]]
	current := at == t.win.cursor
	c.gutter(current, t.marked(row))
	c.to(tableGutter)
	for n, k := range t.fit.shown {
		if n > 0 {
			c.to(c.x + columnGap)
		}
		t.cell(c, &t.columns[k], row, t.fit.widths[n], current)
	}
}

func (t *Table[T]) cell(c *canvas, column *Column[T], row T, width int, current bool) {
	end := c.x + width
	if column.Spans != nil {
		for _, s := range column.Spans(row) {
			c.text(s.Role, s.Text.OneLine().Truncate(end-c.x))
		}
		c.to(end)
		return
	}
	text := column.Cell(row).OneLine()
	cells := text.Width()
	if cells > width {
		if column.Tail {
			text = text.TruncateLeft(width)
		} else {
			text = text.Truncate(width)
		}
		cells = text.Width()
	}
	if column.Right {
		c.to(end - cells)
	}
	role := theme.Text
	if column.Role != nil {
		role = column.Role(row)
	}
	if role == theme.Text && current {
		role = theme.Cursor
	}
	c.text(role, text)
	c.to(end)
}

// fitTo chooses the columns for a width: all that find room, the rest shared
// out by weight. The last cell is the scrollbar's.
func (t *Table[T]) fitTo(w int) {
	if t.fit.width == w && t.fit.shown != nil {
		return
	}
	f := fitting{width: w}
	for i := range t.columns {
		f.shown = append(f.shown, i)
	}
	room := w - tableGutter - 1
	for len(f.shown) > 1 && t.needs(f.shown) > room {
		victim := -1
		for n, i := range f.shown {
			if t.columns[i].Drop > 0 && (victim < 0 || t.columns[i].Drop >= t.columns[f.shown[victim]].Drop) {
				victim = n
			}
		}
		if victim < 0 {
			break
		}
		f.shown = append(f.shown[:victim], f.shown[victim+1:]...)
	}
	f.widths = t.share(f.shown, room)
	t.fit = f
}

func (t *Table[T]) needs(shown []int) int {
	sum := columnGap * (len(shown) - 1)
	for _, i := range shown {
		sum += t.minimum(i)
	}
	return sum
}

// minimum leaves room for the title's arrow where a column names no width.
func (t *Table[T]) minimum(i int) int {
	if m := t.columns[i].Min; m > 0 {
		return m
	}
	return utf8.RuneCountInString(t.columns[i].Title) + 1
}

// share gives every column its minimum and what is left by weight.
func (t *Table[T]) share(shown []int, room int) []int {
	widths := make([]int, len(shown))
	for n, i := range shown {
		widths[n] = t.minimum(i)
	}
	extra := max(0, room-t.needs(shown))
	for extra > 0 {
		total := 0
		for n, i := range shown {
			if t.grows(i, widths[n]) {
				total += t.columns[i].Weight
			}
		}
		if total == 0 {
			break
		}
		given := 0
		for n, i := range shown {
			if !t.grows(i, widths[n]) {
				continue
			}
			more := max(1, extra*t.columns[i].Weight/total)
			if limit := t.columns[i].Max; limit > 0 {
				more = min(more, limit-widths[n])
			}
			more = min(more, extra-given)
			widths[n] += more
			given += more
		}
		extra -= given
	}
	return widths
}

func (t *Table[T]) grows(i, width int) bool {
	c := &t.columns[i]
	return c.Weight > 0 && (c.Max == 0 || width < c.Max)
}

// Text is the rows shown as plain columns, for copying. Cells are separated by
// tabs, lines by \n.
func (t *Table[T]) Text() string {
	var b strings.Builder
	for _, row := range t.Shown() {
		for k := range t.columns {
			if k > 0 {
				b.WriteByte('\t')
			}
			if spans := t.columns[k].Spans; spans != nil {
				for _, s := range spans(row) {
					b.WriteString(s.Text.String())
				}
				continue
			}
			b.WriteString(t.columns[k].Cell(row).OneLine().String())
		}
		b.WriteByte('\n')
	}
	return b.String()
}

package widget_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/filter"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

type job struct {
	id     string
	name   safe.Text
	status workflow.Status
	size   int
	note   safe.Text
}

func jobColumns(t *theme.Theme) []widget.Column[job] {
	return []widget.Column[job]{
		{Title: "status", Min: 11, Spans: func(j job) []widget.Span {
			sign := t.Status(j.status)
			return []widget.Span{{Text: safe.Line(sign.Glyph + " " + sign.Word), Role: sign.Role}}
		}},
		{Title: "name", Min: 12, Weight: 2, Max: 40, Cell: func(j job) safe.Text { return j.name }, Less: func(a, b job) bool { return a.name.String() < b.name.String() }},
		{Title: "size", Min: 7, Right: true, Drop: 1, Descending: true, Cell: func(j job) safe.Text { return safe.Count(j.size) }, Less: func(a, b job) bool { return a.size < b.size }},
		{Title: "arn", Min: 10, Weight: 1, Drop: 3, Tail: true, Cell: func(j job) safe.Text { return text("arn:aws:states:%s", j.id) }},
		{Title: "note", Min: 10, Weight: 1, Drop: 2, Cell: func(j job) safe.Text { return j.note }, Role: func(job) theme.Role { return theme.Dim }},
	}
}

func jobs(n int) []job {
	statuses := []workflow.Status{workflow.Succeeded, workflow.Failed, workflow.Running, workflow.TimedOut, workflow.Aborted}
	out := make([]job, n)
	for i := range out {
		out[i] = job{
			id: fmt.Sprintf("run-%04d", i), name: text("dump-%d-orders", (i*7919)%n), status: statuses[i%len(statuses)],
			size: (i * 31) % 1000, note: text("note %d", i),
		}
	}
	return out
}

func jobTable(t *theme.Theme, n int) *widget.Table[job] {
	table := widget.NewTable(t, func(j job) string { return j.id }, jobColumns(t)...)
	table.SetRows(jobs(n))
	return table
}

func TestTableLooks(t *testing.T) {
	table := jobTable(colours(), 50)
	press(t, table, "j j space s s")
	looksAt(t, "table", table, [2]int{40, 8}, [2]int{80, 12}, [2]int{120, 12})
	empty := widget.NewTable(plain(), func(j job) string { return j.id }, jobColumns(plain())...)
	empty.SetEmpty(safe.Line("no runs in the last 24 hours"))
	looksAt(t, "table_empty", empty, [2]int{80, 4})
}

func TestTableKeepsItsPlaceOverARefresh(t *testing.T) {
	table := jobTable(plain(), 20)
	press(t, table, "s j j j space j")
	table.SetFilter(func(j job) bool { return j.size != 31 }, false)
	before, _ := table.Current()
	marked := table.Marked()
	rows := jobs(30)
	slices.Reverse(rows)
	table.SetRows(rows)
	after, ok := table.Current()
	if !ok || after.id != before.id {
		t.Errorf("cursor on %q, was on %q", after.id, before.id)
	}
	if got := table.Marked(); len(got) != 1 || got[0].id != marked[0].id {
		t.Errorf("marks are %v, were %v", got, marked)
	}
	if column, _ := table.Sort(); column != 1 {
		t.Errorf("sorted by column %d, want 1", column)
	}
	if shown, all := table.Count(); shown != 29 || all != 30 {
		t.Errorf("%d of %d shown, want 29 of 30", shown, all)
	}
}

func TestAClickGoesToItsRow(t *testing.T) {
	table := jobTable(plain(), 30)
	_ = table.View(60, 11)
	press(t, table, "G")
	_ = table.View(60, 11)
	for y, want := range map[int]int{1: 20, 4: 23, 10: 29} {
		if row, _ := table.Current(); !table.Click(y) {
			t.Errorf("line %d has no row; the cursor is on %v", y, row)
		}
		if row, _ := table.Current(); row != table.Shown()[want] {
			t.Errorf("line %d is %v, want row %d", y, row, want)
		}
	}
	for _, y := range []int{-1, 0, 11} {
		if table.Click(y) {
			t.Errorf("line %d is a row", y)
		}
	}
}

func TestTableMarksAllThatTheFilterLeaves(t *testing.T) {
	table := jobTable(plain(), 20)
	table.SetFilter(func(j job) bool { return j.status == workflow.Failed }, false)
	press(t, table, "*")
	table.SetFilter(nil, false)
	if got := len(table.Marked()); got != 4 {
		t.Errorf("%d marked, want the 4 failed", got)
	}
	press(t, table, "* *")
	if got := len(table.Marked()); got != 0 {
		t.Errorf("%d marked after marking and unmarking all, want 0", got)
	}
}

func TestTableDropsColumnsByRank(t *testing.T) {
	table := jobTable(plain(), 3)
	for width, want := range map[int]string{100: "status name size arn note", 60: "status name size note", 45: "status name size", 30: "status name"} {
		header, _, _ := strings.Cut(ansi.Strip(table.View(width, 3)), "\n")
		if got := strings.Join(strings.Fields(header), " "); got != want {
			t.Errorf("%d cells: columns %q, want %q", width, got, want)
		}
	}
}

func TestTableSorts(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		table := jobTable(plain(), rapid.IntRange(0, 60).Draw(r, "rows"))
		descending := rapid.Bool().Draw(r, "descending")
		table.SortBy(2, descending)
		limit := rapid.IntRange(0, 1000).Draw(r, "limit")
		table.SetFilter(func(j job) bool { return j.size < limit }, false)
		sizes := []int{}
		for _, j := range table.Shown() {
			sizes = append(sizes, j.size)
		}
		if descending {
			slices.Reverse(sizes)
		}
		if !slices.IsSorted(sizes) {
			r.Fatalf("not sorted: %v", sizes)
		}
		narrower := limit / 2
		table.SetFilter(func(j job) bool { return j.size < narrower }, true)
		want := 0
		for _, size := range sizes {
			if size < narrower {
				want++
			}
		}
		if got, _ := table.Count(); got != want {
			r.Fatalf("%d rows after narrowing, want %d", got, want)
		}
	})
}

func TestTableAlwaysFits(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		rows := make([]job, rapid.IntRange(0, 30).Draw(r, "rows"))
		for i := range rows {
			rows[i] = job{id: fmt.Sprint(i), name: safe.Line(hostile(r, "name")), note: safe.Block(hostile(r, "note")), status: workflow.Failed}
		}
		theme := colours()
		table := widget.NewTable(theme, func(j job) string { return j.id }, jobColumns(theme)...)
		table.SetRows(rows)
		alwaysFits(r, table)
		if _, ok := table.Current(); ok != (len(rows) > 0) {
			r.Fatalf("cursor on a row: %v, of %d rows", ok, len(rows))
		}
	})
}

// wide is a table as the budgets ask for: 7 columns.
func wide(n int) *widget.Table[job] {
	t := colours()
	columns := append(jobColumns(t), jobColumns(t)[1], jobColumns(t)[4])
	table := widget.NewTable(t, func(j job) string { return j.id }, columns...)
	table.SetRows(jobs(n))
	return table
}

func BenchmarkTableKey10k(b *testing.B) {
	table := wide(10_000)
	keys := []string{"j", "ctrl+d", "k", "G", "g"}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		table.Key(key(keys[i%len(keys)]))
		_ = table.View(200, 60)
	}
}

func BenchmarkTableFilter10k(b *testing.B) {
	table := wide(10_000)
	texts := map[string]filter.Text{}
	for _, j := range jobs(10_000) {
		texts[j.id] = filter.NewText(j.name, j.note)
	}
	b.ReportAllocs()
	for b.Loop() {
		var last filter.Filter
		for _, typed := range []string{"d", "du", "dum", "dump", "dump-", "dump-1", "dump-12"} {
			f, err := filter.Parse(typed)
			if err != nil {
				b.Fatal(err)
			}
			table.SetFilter(func(j job) bool { return f.Match(row{text: texts[j.id]}) }, f.Narrows(last))
			last = f
			_ = table.View(200, 60)
		}
	}
}

func BenchmarkTableRefresh10k(b *testing.B) {
	table := wide(10_000)
	table.SortBy(2, true)
	rows := jobs(10_000)
	b.ReportAllocs()
	for b.Loop() {
		table.SetRows(rows)
		_ = table.View(200, 60)
	}
}

// row is a row of the benchmark as the filter sees it.
type row struct{ text filter.Text }

func (r row) Text() filter.Text          { return r.text }
func (r row) Field(string) filter.Text   { return filter.Text{} }
func (r row) Age() (time.Duration, bool) { return 0, false }

// A key costs what is on the screen, not what is in the list.
func TestAKeyCostsNoMoreInALongList(t *testing.T) {
	cost := func(n int) float64 {
		table := wide(n)
		_ = table.View(200, 60)
		return testing.AllocsPerRun(20, func() {
			table.Key(key("ctrl+d"))
			_ = table.View(200, 60)
		})
	}
	short, long := cost(200), cost(10_000)
	if long > short*1.2 || long > 600 {
		t.Errorf("%v allocations a key in 10,000 rows, %v in 200", long, short)
	}
}

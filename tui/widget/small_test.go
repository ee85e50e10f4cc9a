package widget_test

import (
	"math"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
	"github.com/stepdeck/stepdeck/tui/widget"
)

func TestStripShowsTheLastRuns(t *testing.T) {
	statuses := []workflow.Status{workflow.Aborted, workflow.Succeeded, workflow.Succeeded, workflow.Failed, workflow.Running}
	got := ""
	spans := widget.Strip(plain(), statuses, 4)
	for _, s := range spans {
		got += s.Text.String()
	}
	if got != "✔✔✖●" || len(spans) != 3 {
		t.Errorf("strip %q of %d spans, want ✔✔✖● of 3", got, len(spans))
	}
}

func TestSparklineIsToScale(t *testing.T) {
	for _, c := range []struct {
		values []float64
		width  int
		want   string
	}{
		{[]float64{1, 2, 4, 8}, 4, "▂▃▅█"},
		{[]float64{9, 0, 8, 8}, 3, " ██"},
		{[]float64{0, -1, math.NaN()}, 9, "   "},
		{nil, 5, ""},
	} {
		if got := widget.Sparkline(plain(), c.values, c.width).String(); got != c.want {
			t.Errorf("%v in %d cells: %q, want %q", c.values, c.width, got, c.want)
		}
	}
}

func TestProgressFits(t *testing.T) {
	frame := widget.Progress{Done: 120, Failed: 3, Total: 200, Note: safe.Line("redriving 2026-11-23-orders")}.View(plain(), 100)
	if got, want := ansi.Strip(frame), "███████████████████░░░░░░░░░░░░░░ 120 of 200  ✖ 3 failed  redriving 2026-11-23-orders"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(-5, 1000)
		p := widget.Progress{Done: n.Draw(r, "done"), Failed: n.Draw(r, "failed"), Total: n.Draw(r, "total"), Note: safe.Line(hostile(r, "note"))}
		w := rapid.IntRange(0, 120).Draw(r, "w")
		if err := tuitest.Exact(p.View(colours(), w), w, 1); err != nil {
			r.Fatal(err)
		}
	})
}

func TestFactsLooks(t *testing.T) {
	f := widget.NewFacts(colours())
	f.SetFacts([]widget.Fact{
		{Label: safe.Line("status"), Value: safe.Line("✖ FAILED after 41m 12s"), Role: theme.Failed},
		{Label: safe.Line("stopped reason"), Value: safe.Line("OutOfMemoryError: Container killed due to memory usage while mysqldump wrote table orders")},
		{Label: safe.Line("containers"), Value: safe.Block("job    exit 137\nproxy  exit 0")},
		{Label: safe.Line("digest"), Value: safe.Line("sha256:" + strings.Repeat("0123456789abcdef", 4))},
	})
	looksAt(t, "facts", f, [2]int{60, 9}, [2]int{80, 6})
	if got := f.Height(60); got != 8 {
		t.Errorf("%d rows at 60 cells, want 8", got)
	}
	f.View(60, 3)
	press(t, f, "G")
	if got := shows(f, 60, 3); !strings.Contains(got[2], "cdef") {
		t.Errorf("the end shows %q", got)
	}
}

func TestFactsAlwaysFit(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var facts []widget.Fact
		for range rapid.IntRange(0, 6).Draw(r, "facts") {
			facts = append(facts, widget.Fact{Label: safe.Block(hostile(r, "label")), Value: safe.Block(hostile(r, "value")), Role: theme.Info})
		}
		f := widget.NewFacts(colours())
		f.SetFacts(facts)
		alwaysFits(r, f)
	})
}

func TestTabs(t *testing.T) {
	tabs := widget.NewTabs(plain(), "verdict", "timeline", "graph", "events")
	press(t, tabs, "tab tab")
	if got := ansi.Strip(tabs.View(80)); got != "  1 verdict   2 timeline  ▌3 graph   4 events " {
		t.Errorf("tabs %q", got)
	}
	press(t, tabs, "4")
	if got := ansi.Strip(tabs.View(20)); !strings.Contains(got, "▌4 events") {
		t.Errorf("the active tab is not in view: %q", got)
	}
	if tabs.Key(key("9")) {
		t.Error("a tab that is not there is handled")
	}
	press(t, tabs, "tab shift+tab shift+tab")
	if tabs.Active() != 2 {
		t.Errorf("tab %d is active, want 2", tabs.Active())
	}
}

func TestPanesStandBesideFrom120Columns(t *testing.T) {
	if left, right := widget.Split(119, 50); left != 119 || right != 0 {
		t.Errorf("119 columns are split %d, %d", left, right)
	}
	left, right := widget.Split(120, 40)
	view := widget.Beside(plain(), "a\nb", left, strings.Repeat("x", right), 3)
	if err := tuitest.Exact(view, 120, 3); err != nil {
		t.Error(err)
	}
	if first, _, _ := strings.Cut(ansi.Strip(view), "\n"); ansi.StringWidth(first) != 120 {
		t.Errorf("the first line takes %d cells", ansi.StringWidth(first))
	}
}

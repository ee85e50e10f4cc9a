package widget_test

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

func minute(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }

func dumpTimes() []widget.TimelineRow {
	return []widget.TimelineRow{
		{Label: safe.Line("Admit"), Spans: []widget.TimeSpan{{From: start, To: start.Add(2 * time.Second), Role: theme.Succeeded}}, Note: safe.Line("2.0s")},
		{Label: safe.Line("Dump"), Note: safe.Line("41m 12s"), Spans: []widget.TimeSpan{
			{From: minute(1), To: minute(15), Role: theme.Failed, Note: safe.Line("attempt 1 OutOfMemory")},
			{From: minute(15), To: minute(20), Role: theme.Dim, Kind: widget.WaitSpan},
			{From: minute(20), To: minute(42), Role: theme.Failed, Note: safe.Line("attempt 2")},
			{From: minute(50), Role: theme.Info, Kind: widget.RedriveSpan},
			{From: minute(51), Role: theme.Running, Note: safe.Line("attempt 3")},
		}},
		{Label: safe.Line("Upload of the dump to the bucket"), Depth: 1, Spans: []widget.TimeSpan{{From: minute(52), Role: theme.Running}}},
	}
}

func TestTimelineLooks(t *testing.T) {
	l := widget.NewTimeline(colours(), time.UTC)
	l.SetRows(dumpTimes(), minute(60))
	press(t, l, "j")
	looksAt(t, "timeline", l, [2]int{80, 8}, [2]int{120, 8})
	press(t, l, "+ + right")
	looksAt(t, "timeline_zoomed", l, [2]int{100, 8})
	ascii := widget.NewTimeline(theme.New(theme.Options{ASCII: true}), time.UTC)
	ascii.SetRows(dumpTimes(), minute(60))
	looksAt(t, "timeline_ascii", ascii, [2]int{80, 8})
}

func TestBarsKeepToScale(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		from, length := rapid.IntRange(0, 3000).Draw(r, "from"), rapid.IntRange(1, 3000).Draw(r, "length")
		l := widget.NewTimeline(plain(), time.UTC)
		l.SetRows([]widget.TimelineRow{
			{Spans: []widget.TimeSpan{{From: start, To: start.Add(6000 * time.Second)}}},
			{Spans: []widget.TimeSpan{{From: start.Add(time.Duration(from) * time.Second), To: start.Add(time.Duration(from+length) * time.Second)}}},
		}, start)
		bar := strings.Split(ansi.Strip(l.View(127, 3)), "\n")[2]
		cells := len([]rune(strings.TrimSpace(bar)))
		// 122 cells stand for 6,000 s; a cell at either end may be a part.
		if want := float64(length) / 6000 * 122; float64(cells) < want-1 || float64(cells) > want+2 {
			r.Fatalf("%d s take %d cells, want about %.1f: %q", length, cells, want, bar)
		}
	})
}

func TestZoomStaysWithinTheTimes(t *testing.T) {
	l := widget.NewTimeline(plain(), time.UTC)
	l.SetRows(dumpTimes(), minute(60))
	whole := l.View(100, 8)
	press(t, l, "+ + + + left left left left left left right - - - - -")
	if got := l.View(100, 8); got != whole {
		t.Errorf("zoomed out all the way shows\n%s\nwant\n%s", got, whole)
	}
}

func TestTimelineAlwaysFits(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		at := func(label string) time.Time {
			return start.Add(time.Duration(rapid.Int64Range(-1e16, 1e16).Draw(r, label)))
		}
		rows := make([]widget.TimelineRow, rapid.IntRange(0, 10).Draw(r, "rows"))
		for i := range rows {
			rows[i] = widget.TimelineRow{Label: safe.Line(hostile(r, "label")), Depth: rapid.IntRange(0, 30).Draw(r, "depth"), Note: safe.Block(hostile(r, "note"))}
			for range rapid.IntRange(0, 4).Draw(r, "spans") {
				s := widget.TimeSpan{From: at("from"), Kind: rapid.SampledFrom([]widget.SpanKind{widget.WorkSpan, widget.WaitSpan, widget.RedriveSpan}).Draw(r, "kind")}
				if rapid.Bool().Draw(r, "closed") {
					s.To = at("to")
				}
				rows[i].Spans = append(rows[i].Spans, s)
			}
		}
		l := widget.NewTimeline(colours(), time.UTC)
		l.SetRows(rows, at("now"))
		alwaysFits(r, l)
	})
}

func BenchmarkTimeline200(b *testing.B) {
	var rows []widget.TimelineRow
	for range 70 {
		rows = append(rows, dumpTimes()...)
	}
	l := widget.NewTimeline(colours(), time.UTC)
	l.SetRows(rows, minute(60))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		l.Key(key([]string{"j", "+", "right", "-"}[i%4]))
		_ = l.View(200, 60)
	}
}

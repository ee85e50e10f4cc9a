package widget_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/tuitest"
	"github.com/stepdeck/stepdeck/tui/widget"
)

const mebibyte = 1 << 20

func dumpLine(i int) widget.LogLine {
	return widget.LogLine{
		Time: start.Add(time.Duration(i) * 250 * time.Millisecond), Container: safe.Line("job"), Attempt: 1,
		Text: text("INFO dumping table orders_%d: %d rows in %dms", i%40, i*17, i%900),
	}
}

func logOf(n, limit int) *widget.Lines {
	l := widget.NewLines(plain(), limit, time.UTC)
	lines := make([]widget.LogLine, n)
	for i := range lines {
		lines[i] = dumpLine(i)
	}
	l.Append(lines...)
	return l
}

func say(l *widget.Lines, texts ...string) {
	for _, s := range texts {
		l.Append(widget.LogLine{Text: safe.Line(s), Raw: s})
	}
}

// shows are the rows of a view without blank ends.
func shows(v viewed, w, h int) []string {
	var out []string
	for line := range strings.SplitSeq(ansi.Strip(v.View(w, h)), "\n") {
		out = append(out, strings.TrimRight(line, " │█"))
	}
	return out
}

func TestLogLooks(t *testing.T) {
	l := widget.NewLines(colours(), mebibyte, time.UTC)
	l.Append(widget.LogLine{Kind: widget.Seam, Text: safe.Line("attempt 1 · 4f1c2d")})
	for i := range 6 {
		l.Append(dumpLine(i * 1000))
	}
	l.Append(
		widget.LogLine{Time: start.Add(90 * time.Minute), Container: safe.Line("proxy"), Attempt: 1, Text: safe.Line("connection reset by peer")},
		widget.LogLine{Kind: widget.Seam, Text: safe.Line("attempt 2 · 77aa01")},
		widget.LogLine{Time: start.Add(91 * time.Minute), Container: safe.Line("job"), Attempt: 2, Text: safe.Line("mysqldump: Error 2013: Lost connection to server during query when dumping table `orders` at row: 8123441 größe 表")},
	)
	l.SetMarker(safe.Line("marker"), start.Add(92*time.Minute))
	looksAt(t, "log", l, [2]int{80, 14}, [2]int{120, 8})
	if err := l.Search("lost connection"); err != nil {
		t.Fatal(err)
	}
	press(t, l, "w t n v k")
	looksAt(t, "log_search", l, [2]int{60, 14})
}

func TestLogFollowsUntilTheCursorLeavesTheEnd(t *testing.T) {
	l := logOf(100, mebibyte)
	l.View(80, 10)
	say(l, "newest")
	if got := shows(l, 80, 10); !strings.Contains(got[9], "newest") {
		t.Errorf("the end is not followed: %q", got)
	}
	press(t, l, "k")
	before := shows(l, 80, 10)
	say(l, "later")
	if after := shows(l, 80, 10); !slices.Equal(after, before) || l.State().Following {
		t.Errorf("a paused log moved from %q to %q", before, after)
	}
	press(t, l, "G")
	if got := shows(l, 80, 10); !strings.Contains(got[9], "later") || !l.State().Following {
		t.Errorf("G does not resume: %q", got)
	}
}

func TestLogSaysWhatItDropped(t *testing.T) {
	l := logOf(20_000, mebibyte)
	s := l.State()
	if s.Dropped == 0 || s.Dropped+s.Lines != 20_000 {
		t.Fatalf("%d dropped and %d held of 20,000", s.Dropped, s.Lines)
	}
	top := shows(l, 80, 5)[0]
	if want := fmt.Sprintf("%s older lines dropped: 1.0 MiB are kept", safe.Count(s.Dropped)); !strings.Contains(top, want) {
		t.Errorf("top row %q, want %q in it", top, want)
	}
	var saved bytes.Buffer
	if _, err := l.Saved().WriteTo(&saved); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(saved.String(), "\n"); got != s.Lines {
		t.Errorf("%d lines saved, %d held", got, s.Lines)
	}
	if saved.Len() > mebibyte {
		t.Errorf("%d bytes held, more than the limit", saved.Len())
	}
}

func TestLogSearch(t *testing.T) {
	for name, c := range map[string]struct {
		pattern string
		hits    int
	}{
		"lower case matches either": {"error", 2},
		"upper case is exact":       {"ERROR", 1},
		"regular expression":        {"row \\d+$", 1},
		"either of two":             {"lost|ready", 2},
		"none":                      {"timeout", 0},
	} {
		t.Run(name, func(t *testing.T) {
			l := widget.NewLines(plain(), mebibyte, time.UTC)
			say(l, "ready", "ERROR lost connection", "an error at row 12")
			if err := l.Search(c.pattern); err != nil {
				t.Fatal(err)
			}
			if got := l.State().Hits; got != c.hits {
				t.Errorf("%d hits, want %d", got, c.hits)
			}
		})
	}
	l := logOf(3, mebibyte)
	if err := l.Search("[a"); err == nil || !strings.Contains(err.Error(), `"[a"`) {
		t.Errorf("a broken expression gives %v", err)
	}
}

func TestLogGoesThroughHits(t *testing.T) {
	l := widget.NewLines(plain(), mebibyte, time.UTC)
	say(l, "one error", "fine", "two error", "fine", "three error")
	if err := l.Search("error"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"one error", "two error", "three error"} {
		press(t, l, "n")
		if got := l.Copied(); got != want {
			t.Errorf("n goes to %q, want %q", got, want)
		}
	}
	press(t, l, "N")
	if got := l.Copied(); got != "two error" {
		t.Errorf("N goes to %q", got)
	}
	say(l, "four error")
	if s := l.State(); s.Hits != 4 || s.Hit != 2 {
		t.Errorf("hit %d of %d, want 2 of 4: new lines are searched too", s.Hit, s.Hits)
	}
}

func TestFindGoesToTheNearestHit(t *testing.T) {
	l := widget.NewLines(plain(), mebibyte, time.UTC)
	say(l, "one error", "fine", "two error", "fine")
	if err := l.Search("error"); err != nil {
		t.Fatal(err)
	}
	l.Find()
	if got := l.Copied(); got != "two error" {
		t.Errorf("from the end it goes to %q, want the last above", got)
	}
	press(t, l, "g")
	press(t, l, "j")
	l.Find()
	if got := l.Copied(); got != "two error" {
		t.Errorf("from the second line it goes to %q, want the next below", got)
	}
	press(t, l, "g")
	l.Find()
	if got := l.Copied(); got != "one error" {
		t.Errorf("from a hit it goes to %q", got)
	}
}

func TestLogKeepsOnlyMatchesAndSeams(t *testing.T) {
	l := widget.NewLines(plain(), mebibyte, time.UTC)
	say(l, "one error", "fine")
	l.Append(widget.LogLine{Kind: widget.Seam, Text: safe.Line("sampled")})
	if err := l.Search("error"); err != nil {
		t.Fatal(err)
	}
	press(t, l, "t t t &")
	say(l, "fine", "new error")
	got := strings.Join(shows(l, 30, 5), "|")
	if !strings.Contains(got, "one error") || !strings.Contains(got, "sampled") || !strings.Contains(got, "new error") || strings.Contains(got, "fine") {
		t.Errorf("kept %q", got)
	}
	press(t, l, "&")
	if got := l.State().Shown; got != 5 {
		t.Errorf("%d lines shown after &, want all 5", got)
	}
}

func TestLogShowsOneContainerAtATime(t *testing.T) {
	l := widget.NewLines(plain(), mebibyte, time.UTC)
	for _, c := range []string{"job", "proxy", "job"} {
		l.Append(widget.LogLine{Container: safe.Line(c), Attempt: 1, Text: text("of %s", c)})
	}
	press(t, l, "tab")
	if s := l.State(); s.Shown != 2 || s.Container.String() != "job" {
		t.Errorf("%d lines of %q shown, want 2 of job", s.Shown, s.Container)
	}
	press(t, l, "tab tab")
	if s := l.State(); s.Shown != 3 || !s.Container.Empty() {
		t.Errorf("%d lines shown of %q after the last container, want all", s.Shown, s.Container)
	}
}

func TestLongSearchIsStreamed(t *testing.T) {
	l := logOf(200_000, 64*mebibyte)
	if err := l.Search("orders_39:"); err != nil {
		t.Fatal(err)
	}
	search := l.Pending()
	if search == nil || !l.State().Searching {
		t.Fatal("a long log is searched at once")
	}
	stream, err := search.Stream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	steps := 0
	for hits := range stream {
		l.Found(hits)
		l.Append(dumpLine(39)) // lines come in meanwhile
		steps++
	}
	if s := l.State(); s.Searching || s.Hits != 5000+steps || steps < 2 {
		t.Errorf("%d hits after %d steps, searching %v; want %d", s.Hits, steps, s.Searching, 5000+steps)
	}
}

func TestAnOlderSearchIsForgotten(t *testing.T) {
	l := logOf(100_000, 64*mebibyte)
	if err := l.Search("orders_1"); err != nil {
		t.Fatal(err)
	}
	old := l.Pending()
	if err := l.Search("nothing like it"); err != nil {
		t.Fatal(err)
	}
	l.Found(old.Step(1 << 20))
	if got := l.State().Hits; got != 0 {
		t.Errorf("%d hits of the search before", got)
	}
}

func TestCopiedIsRaw(t *testing.T) {
	l := widget.NewLines(plain(), mebibyte, time.UTC)
	say(l, "\x1b[31mred\x1b[0m", "plain")
	press(t, l, "g v j")
	if got, want := l.Copied(), "\x1b[31mred\x1b[0m\nplain"; got != want {
		t.Errorf("copied %q, want %q", got, want)
	}
}

func TestWrappedLinesShowAllOfTheirText(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		long := safe.Line(hostile(r, "line"))
		l := widget.NewLines(plain(), mebibyte, time.UTC)
		l.Append(widget.LogLine{Text: long})
		press(t, l, "w t t t")
		w := rapid.IntRange(8, 100).Draw(r, "w")
		var b strings.Builder
		for line := range strings.SplitSeq(ansi.Strip(l.View(w, 400)), "\n") {
			b.WriteString(strings.TrimPrefix(line, "▌ "))
		}
		if got, want := strings.ReplaceAll(b.String(), " ", ""), strings.ReplaceAll(long.String(), " ", ""); got != want {
			r.Fatalf("wrapped to %q, want %q", got, want)
		}
	})
}

func TestLogAlwaysFits(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		l := widget.NewLines(colours(), rapid.SampledFrom([]int{400, 4000, mebibyte}).Draw(r, "limit"), time.UTC)
		for range rapid.IntRange(1, 4).Draw(r, "rounds") {
			for range rapid.IntRange(0, 20).Draw(r, "lines") {
				l.Append(widget.LogLine{
					Kind: rapid.SampledFrom([]widget.LineKind{widget.Logged, widget.Logged, widget.Seam, widget.Marker}).Draw(r, "kind"),
					Text: safe.Line(hostile(r, "text")), Container: safe.Line(hostile(r, "container")), Attempt: rapid.IntRange(0, 3).Draw(r, "attempt"),
					Time: start.Add(time.Duration(rapid.Int64Range(-1e15, 1e15).Draw(r, "time"))),
				})
			}
			if rapid.Bool().Draw(r, "search") {
				_ = l.Search(rapid.SampledFrom([]string{"", "a", "é", "a|b", ".", "표", ".*"}).Draw(r, "pattern"))
			}
			alwaysFits(r, l)
		}
		if s := l.State(); s.Shown > s.Lines || s.Hit > s.Hits {
			r.Fatalf("state %+v", s)
		}
	})
}

func TestTheCursorsLineIsInView(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		l := widget.NewLines(plain(), mebibyte, time.UTC)
		for i := range rapid.IntRange(1, 60).Draw(r, "lines") {
			l.Append(widget.LogLine{Text: text("%d %s", i, strings.Repeat("x", rapid.IntRange(0, 90).Draw(r, "length")))})
		}
		press(t, l, "w")
		for range rapid.IntRange(1, 15).Draw(r, "keys") {
			l.Key(key(rapid.SampledFrom(strings.Fields("j k g G ctrl+d ctrl+u pgup pgdown w")).Draw(r, "key")))
			frame := l.View(60, rapid.IntRange(3, 20).Draw(r, "h"))
			if err := tuitest.Exact(frame, 60, strings.Count(frame, "\n")+1); err != nil {
				r.Fatal(err)
			}
			if !strings.Contains(frame, "▌") {
				r.Fatalf("no cursor in\n%s", frame)
			}
		}
	})
}

var million = func() func() *widget.Lines {
	var l *widget.Lines
	return func() *widget.Lines {
		if l == nil {
			l = logOf(1_000_000, 512*mebibyte)
		}
		return l
	}
}()

func BenchmarkLogAppendBatch(b *testing.B) {
	batch := make([]widget.LogLine, 1000)
	for i := range batch {
		batch[i] = dumpLine(i)
	}
	l := widget.NewLines(plain(), 64*mebibyte, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		l.Append(batch...)
	}
}

func BenchmarkLogScroll1M(b *testing.B) {
	for _, wrap := range []bool{false, true} {
		b.Run(fmt.Sprintf("wrap=%v", wrap), func(b *testing.B) {
			l := million()
			if l.State().Wrapping != wrap {
				l.ToggleWrap()
			}
			keys := []string{"G", "k", "ctrl+u", "j", "g", "ctrl+d"}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				l.Key(key(keys[i%len(keys)]))
				_ = l.View(200, 60)
			}
		})
	}
}

func BenchmarkLogSearch1M(b *testing.B) {
	l := million()
	for name, pattern := range map[string]string{"literal": "rows in 899ms", "regexp": "rows in 89.ms"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := l.Search(""); err != nil {
					b.Fatal(err)
				}
				if err := l.Search(pattern); err != nil {
					b.Fatal(err)
				}
				for s := l.Pending(); s != nil && !l.Found(s.Step(1<<16)); {
				}
			}
		})
	}
}

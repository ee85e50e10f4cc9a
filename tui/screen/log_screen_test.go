package screen

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// settledAfter is when a log is at its end that AWS may still be adding to.
const settledAfter = time.Minute

// follow opens the log screen of a story in a bubble; files are saved in folder.
func follow(t *testing.T, story func() *world, use func(w *world, d *tuitest.Driver, folder string)) {
	t.Helper()
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := story()
		c := w.console(plainLook)
		d := tuitest.Drive(t, optionsOf(c, newLog(c, w.listed()), folder), 100, 24)
		d.Advance(200 * time.Millisecond)
		if w.run.Status.Closed() {
			d.Advance(settledAfter)
		}
		use(w, d, folder)
	})
}

func TestALogShowsAllAttemptsInOrder(t *testing.T) {
	follow(t, storyFailed, func(_ *world, d *tuitest.Driver, _ string) {
		see(t, d, "attempt 1, task a1 of Run", "terminated", "attempt 2, task b2 of Run", "mysqldump: Error 2013", "whole log")
		text := d.Text()
		if strings.Index(text, "terminated") > strings.Index(text, "attempt 2, task b2") {
			t.Error("the second attempt comes first")
		}
		d.Press("tab")
		see(t, d, "job of attempt 1", "terminated")
		dontSee(t, d, "mysqldump")
		d.Press("tab")
		see(t, d, "job of attempt 2", "mysqldump")
		dontSee(t, d, "terminated")
		d.Press("tab")
		see(t, d, "all containers", "terminated", "mysqldump")
	})
}

func TestALogFollowsUntilOneScrollsUp(t *testing.T) {
	follow(t, storyRunning, func(w *world, d *tuitest.Driver, _ string) {
		see(t, d, "● following", "row 1000000", "⟳ live")
		for i := range 40 {
			w.write("a1", fmt.Sprintf("line %02d", i))
		}
		d.Advance(5 * time.Second)
		see(t, d, "line 39")
		d.Press("k")
		w.write("a1", "one more")
		d.Advance(5 * time.Second)
		see(t, d, "paused, G follows", "line 39")
		dontSee(t, d, "one more")
		d.Press("G")
		see(t, d, "following", "one more")
		d.Press("p")
		d.Advance(3 * time.Second)
		see(t, d, "‖ 7s") // since the line before
		dontSee(t, d, "live")
		d.Press("p")
		d.Advance(time.Second)
		see(t, d, "⟳ live")
	})
}

func TestALogIsSearched(t *testing.T) {
	follow(t, storyFailed, func(_ *world, d *tuitest.Driver, _ string) {
		d.Press("/")
		d.Type("dumping")
		d.Press("enter")
		see(t, d, "/dumping", "match 3 of 3")
		d.Press("n")
		see(t, d, "match 1 of 3")
		d.Press("&")
		see(t, d, "only matches", "dumping orders")
		dontSee(t, d, "terminated", "-- Table")
		d.Press("&")
		see(t, d, "terminated")
		d.Press("esc")
		dontSee(t, d, "/dumping")
	})
}

func TestANarrowLogTellsWhatMattersMostOfItself(t *testing.T) {
	follow(t, storyFailed, func(_ *world, d *tuitest.Driver, _ string) {
		d.Send(tea.WindowSizeMsg{Width: 60, Height: 15})
		d.Press("w", "/")
		d.Type("dumping")
		d.Press("enter", "&", "v")
		see(t, d, " · whole log   match 3 of 3   selecting: y copies, esc ends\n")
		d.Press("esc", "&")
		see(t, d, " · whole log   7 lines   match 3 of 3   wrapped\n")
	})
}

func TestLinesAreMarkedSelectedCopiedAndSaved(t *testing.T) {
	follow(t, storyFailed, func(w *world, d *tuitest.Driver, folder string) {
		d.Press("m")
		see(t, d, "marker")
		d.Press("g", "j", "v", "j", "y")
		if d.Clipboard != "dumping orders\nterminated" {
			t.Errorf("copied %q", d.Clipboard)
		}
		see(t, d, "selecting")
		d.Press("esc", "esc")
		dontSee(t, d, "selecting")
		d.Press("s")
		d.Settle()
		got, err := os.ReadFile(filepath.Join(folder, "2026-11-23-orders.log"))
		if err != nil {
			t.Fatal(err)
		}
		if want := rawOf(w, "a1") + rawOf(w, "b2"); loggedIn(string(got)) != want {
			t.Errorf("saved %q, want %q", got, want)
		}
		see(t, d, "saved")
	})
}

func rawOf(w *world, task string) string {
	var b strings.Builder
	for _, l := range w.logs[worldStream(task)] {
		b.WriteString(l.Raw + "\n")
	}
	return b.String()
}

// loggedIn is a saved log without the notices between its lines.
func loggedIn(saved string) string {
	var b strings.Builder
	for l := range strings.Lines(saved) {
		if !strings.HasPrefix(l, "[") {
			b.WriteString(l)
		}
	}
	return b.String()
}

func TestAContainerThatNeverStartedIsAFinding(t *testing.T) {
	story := func() *world {
		w := storyFailed()
		delete(w.logs, worldStream("b2"))
		return w
	}
	follow(t, story, func(_ *world, d *tuitest.Driver, _ string) {
		see(t, d, "container job never started, or wrote nothing", "terminated")
	})
}

func TestALogThatCannotBeReadSaysSoAndIsReadAgain(t *testing.T) {
	story := func() *world {
		w := storyFailed()
		w.fail["LogPage"] = &ops.Problem{Kind: ops.Denied, Title: safe.Line("not authorized to perform: logs:GetLogEvents"), Hint: safe.Line("ask for it")}
		return w
	}
	follow(t, story, func(w *world, d *tuitest.Driver, _ string) {
		see(t, d, "not authorized to perform: logs:GetLogEvents", "ask for it", "r tries again")
		w.mu.Lock()
		delete(w.fail, "LogPage")
		w.mu.Unlock()
		d.Press("r")
		d.Advance(settledAfter)
		see(t, d, "terminated", "mysqldump")
		dontSee(t, d, "not authorized")
	})
}

func TestTheVerdictOpensTheLogAtTheFailingLine(t *testing.T) {
	story := func() *world {
		w := storyFailed()
		// The attempt before has more lines, and some as late as the failure.
		for i := range 2000 {
			w.write("a1", fmt.Sprintf("row %d", i))
		}
		return w
	}
	drive(t, story, TabVerdict, 100, 24, func(w *world, d *tuitest.Driver) {
		d.Advance(time.Second)
		d.Press("l")
		d.Advance(time.Second)
		d.Press("y")
		lines := w.logs[worldStream("b2")]
		if want := lines[len(lines)-1].Raw; d.Clipboard != want {
			t.Errorf("the cursor is on %q, want %q\n%s", d.Clipboard, want, d.Text())
		}
	})
}

// backdate makes the newest line one that CloudWatch took in late.
func (w *world) backdate(task string, by time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	lines := w.logs[worldStream(task)]
	lines[len(lines)-1].Time = lines[len(lines)-1].Time.Add(-by)
}

func TestNoLineIsLostOrDoubled(t *testing.T) {
	folder := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		writes := rapid.SliceOfN(rapid.IntRange(0, 30), 1, 8).Draw(rt, "writes")
		pauses := rapid.SliceOfN(rapid.IntRange(0, 4000), len(writes), len(writes)).Draw(rt, "pauses")
		hidden := rapid.SliceOfN(rapid.Bool(), len(writes), len(writes)).Draw(rt, "hidden")
		problem := ""
		synctest.Test(t, func(t *testing.T) {
			w := storyRunning()
			c := w.console(plainLook)
			s := newLog(c, w.listed()).(*logScreen)
			d := tuitest.Drive(t, optionsOf(c, s, folder), 80, 24)
			n := 0
			for i, count := range writes {
				if hidden[i] {
					d.Send(tea.BlurMsg{})
				}
				for range count {
					n++
					w.write("a1", fmt.Sprintf("line %d", n%3)) // the same text is not the same line
					w.backdate("a1", time.Duration(n%5)*10*time.Second)
				}
				d.Advance(time.Duration(pauses[i]) * time.Millisecond)
				d.Send(tea.FocusMsg{})
			}
			id := w.event(int64(len(w.events)), workflow.TaskSucceeded)
			w.event(id, workflow.ExecutionSucceeded)
			w.stopTask("a1", "EssentialContainerExited", "", 0, "")
			w.close(workflow.Succeeded, "", "")
			d.Advance(2 * time.Minute)
			var got strings.Builder
			if _, err := s.pane.lines.Saved().WriteTo(&got); err != nil {
				problem = err.Error()
			}
			if want := rawOf(w, "a1"); loggedIn(got.String()) != want {
				problem = fmt.Sprintf("shown %q\nwritten %q", got.String(), want)
			}
			if !s.pane.ended {
				problem = "the log has not come to its end two minutes after the run"
			}
		})
		if problem != "" {
			rt.Fatal(problem)
		}
	})
}

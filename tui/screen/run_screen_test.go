package screen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

var plainLook = theme.Options{Profile: theme.ANSI16}

// firstAnswers is when all that a screen asks for at first is there.
const firstAnswers = 2 * time.Second

// drive opens a story's run in a bubble and lets the test use it.
func drive(t *testing.T, w func() *world, tab Tab, width, height int, use func(*world, *tuitest.Driver)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		world := w()
		d := world.open(t, tab, plainLook, width, height)
		d.Advance(firstAnswers)
		use(world, d)
	})
}

func optionsOf(c *Console, home tui.Screen, folder string) tui.Options {
	return tui.Options{Home: home, Env: c.Env, FixedTheme: true, Theme: plainLook, Folder: folder}
}

func see(t *testing.T, d *tuitest.Driver, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !d.Shows(text) {
			t.Errorf("%q is not on the screen:\n%s", text, d.Text())
		}
	}
}

func dontSee(t *testing.T, d *tuitest.Driver, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if d.Shows(text) {
			t.Errorf("%q is on the screen:\n%s", text, d.Text())
		}
	}
}

func TestScreensOfARunAtEverySize(t *testing.T) {
	sizes := []struct{ w, h int }{{80, 24}, {120, 40}, {200, 60}}
	for name, story := range stories {
		for tab, tabName := range tabNames {
			for _, size := range sizes {
				if size.w != 80 && name != "failed" && name != "branches" {
					continue // the other stories differ in words, not in layout
				}
				golden := fmt.Sprintf("run_%s_%s_%d", name, strings.ReplaceAll(tabName, "/", "-"), size.w)
				t.Run(golden, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						d := story().open(t, Tab(tab), plainLook, size.w, size.h)
						d.Advance(settledAfter)
						if err := tuitest.Exact(d.Frame(), size.w, size.h); err != nil {
							t.Error(err)
						}
						tuitest.Golden(t, golden, d.Frame())
					})
				})
			}
		}
	}
}

func TestScreensOfARunInEveryLook(t *testing.T) {
	looks := map[string]theme.Options{
		"colour": {Profile: theme.TrueColor}, "light": {Profile: theme.TrueColor, Light: true},
		"none": {Profile: theme.NoColor}, "ascii": {Profile: theme.NoColor, ASCII: true},
	}
	for look, options := range looks {
		for _, tab := range []Tab{TabVerdict, TabTimeline, TabGraph, TabEvents, TabLog} {
			name := fmt.Sprintf("run_%s_%s", look, tabNames[tab])
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := storyFailed().open(t, tab, options, 80, 24)
					d.Advance(settledAfter)
					if look == "none" && strings.Contains(d.Frame(), "\x1b[3") {
						t.Error("a colour is written although there are none")
					}
					if at := strings.IndexFunc(d.Text(), func(r rune) bool { return r > 0x7e }); look == "ascii" && at >= 0 {
						t.Errorf("%q is no ASCII", d.Text()[at:at+4])
					}
					tuitest.Golden(t, name, d.Frame())
				})
			})
		}
	}
}

func TestTheCauseIsThereAfterOneHistoryCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := storyLong(25_000)
		w.hold()
		d := w.open(t, TabVerdict, plainLook, 120, 40)
		see(t, d, "End: the history is too long", "TooLong")
		if n := w.asked("History"); n != 2 {
			t.Errorf("the cause came with %d history calls begun, the second held back; want 2", n)
		}
		w.release()
		d.Settle()
		dontSee(t, d, "reading the history")
		d.Press("4", "G")
		see(t, d, "25000")
	})
}

func TestAFailedRunSaysWhyWithItsEvidence(t *testing.T) {
	drive(t, storyFailed, TabVerdict, 120, 40, func(_ *world, d *tuitest.Driver) {
		see(t, d, "✖ FAILED after 40m 13s", "attempt 2 of 3", "redrive possible until 14 Jan",
			"Run: the container was killed for memory (512 MiB) while it worked on table orders.",
			"container job: OutOfMemoryError:", "error", "OutOfMemory", "exit 137", "EssentialContainerExited",
			"mysqldump: Error 2013", "TaskFailed OutOfMemory  #12", "Next:", "log at ")
		dontSee(t, d, `"stopCode"`)
		d.Press("enter")
		see(t, d, `"stopCode": "EssentialContainerExited"`)
	})
}

func TestTheEntrypointsCauseIsReadable(t *testing.T) {
	drive(t, storyRedriven, TabVerdict, 100, 30, func(w *world, d *tuitest.Driver) {
		see(t, d, "Run: the database refused the login: Access denied for user 'dump'@'%'.",
			"the job ended with exit code 2", "connecting", "redriven once")
		dontSee(t, d, `"tail"`)
		if w.asked("LogPage") != 0 {
			t.Error("the log was read although the cause has its end")
		}
	})
}

func TestAStuckRunIsCalledStuck(t *testing.T) {
	drive(t, storyStuck, TabVerdict, 100, 30, func(_ *world, d *tuitest.Driver) {
		see(t, d, "◐ STUCK for 41m", "Run: the task ended with exit code 137 without answering its token, so the run waits for nothing.",
			"exit 137", "no log stream", "T  fail the token with TaskExited")
	})
}

func TestALeftRunIsNotAskedForAnyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := storyRunning()
		d := w.open(t, TabLog, plainLook, 100, 30)
		d.Advance(10 * time.Second)
		d.Close()
		before := len(w.calls)
		time.Sleep(time.Minute)
		if after := len(w.calls); after != before {
			t.Errorf("%d calls after the screen was left", after-before)
		}
	})
}

func TestARunningRunMovesWithinTwoSeconds(t *testing.T) {
	drive(t, storyRunning, TabVerdict, 100, 30, func(w *world, d *tuitest.Driver) {
		see(t, d, "● RUNNING for 41m 13s", "Run works since")
		for range 5 {
			d.Advance(10 * time.Second)
		}
		w.stopTask("a1", "EssentialContainerExited", "Essential container in task exited", 3, "")
		id := w.event(int64(len(w.events)), workflow.TaskFailed, because("Job.Failed", "disk full"))
		w.event(id, workflow.ExecutionFailed, because("Job.Failed", "disk full"))
		w.close(workflow.Failed, "Job.Failed", "disk full")
		d.Advance(2*time.Second + 100*time.Millisecond)
		see(t, d, "✖ FAILED", "Run: the disk was full: disk full.", "exit 3")
	})
}

func TestARunThatNobodyLooksAtIsNotAskedFor(t *testing.T) {
	for name, hide := range map[string][2]tea.Msg{
		"the terminal has lost the focus": {tea.BlurMsg{}, tea.FocusMsg{}},
		"reading is paused":               {tuitest.Key("p"), tuitest.Key("p")},
		"help covers it":                  {tuitest.Key("?"), tuitest.Key("esc")},
	} {
		t.Run(name, func(t *testing.T) {
			drive(t, storyRunning, TabLog, 100, 30, func(w *world, d *tuitest.Driver) {
				d.Send(hide[0])
				d.Advance(time.Second)
				before := len(w.calls)
				d.Advance(time.Minute)
				if n := len(w.calls) - before; n > 0 {
					t.Errorf("%d calls although %s", n, name)
				}
				id := w.event(int64(len(w.events)), workflow.TaskFailed, because("Job.Failed", "disk full"))
				w.event(id, workflow.ExecutionFailed, because("Job.Failed", "disk full"))
				w.close(workflow.Failed, "Job.Failed", "disk full")
				d.Send(hide[1])
				d.Press("1")
				d.Advance(time.Second)
				see(t, d, "Run: the disk was full: disk full.")
			})
		})
	}
}

func TestARedriveIsSeenAndFollowed(t *testing.T) {
	drive(t, storyRedriven, TabVerdict, 100, 30, func(w *world, d *tuitest.Driver) {
		see(t, d, "✖ FAILED")
		w.mu.Lock()
		w.run.Status, w.run.RedriveCount, w.run.Stopped = workflow.Running, 2, time.Time{}
		w.mu.Unlock()
		w.submit(w.event(int64(len(w.events)), workflow.ExecutionRedriven), "c3")
		d.Advance(closedPace + time.Second)
		see(t, d, "● RUNNING", "redriven 2 times", "Run works since")
	})
}

func TestAPartThatCannotBeReadLeavesTheRestWorking(t *testing.T) {
	denied := &ops.Problem{Kind: ops.Denied, Title: safe.Line("not authorized to perform: X"), Hint: safe.Line("ask for it")}
	for call, want := range map[string][]string{
		"MachineForRun": {"definition not read: not authorized", "Run: the container was killed for memory (512 MiB)"},
		"DescribeTasks": {"tasks not read: ", "not authorized", "Run: the container was killed for memory"},
		"DescribeRun":   {"run not read: not authorized", "Run: the container was killed for memory"},
		"History":       {"cause not read: ", "not authorized", "✖ FAILED after 40m 13s"},
	} {
		t.Run(call, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := storyFailed()
				w.fail[call] = denied
				d := w.open(t, TabVerdict, plainLook, 120, 30)
				d.Advance(firstAnswers)
				see(t, d, want...)
				for key := range tabNames {
					d.Press(fmt.Sprint(key + 1))
					see(t, d, "✖ FAILED", "r tries again")
				}
				w.mu.Lock()
				delete(w.fail, call)
				w.mu.Unlock()
				d.Press("1", "r")
				d.Advance(firstAnswers)
				dontSee(t, d, "not read")
				see(t, d, "Run: the container was killed for memory", "exit 137", "mysqldump")
			})
		})
	}
}

func TestAPartThatCannotBeReadTellsItsWholeReason(t *testing.T) {
	drive(t, func() *world {
		w := storyFailed()
		w.fail["History"] = &ops.Problem{
			Kind: ops.Denied, Title: safe.Line("AWS denied GetExecutionHistory"),
			Detail: safe.Line("arn:aws:sts::123456789012:assumed-role/oncall/me may not states:GetExecutionHistory on arn:aws:states:eu-west-1:123456789012:execution:dumps"),
		}
		return w
	}, TabTask, 80, 24, func(_ *world, d *tuitest.Driver) {
		see(t, d, "cause not read: AWS denied", "execution:dumps", "r tries again", "the history could not be read")
		dontSee(t, d, "still being read")
	})
}

func TestACauseThatCannotBeReadIsNotWaitedFor(t *testing.T) {
	drive(t, func() *world {
		w := storyFailed()
		w.fail["History"] = &ops.Problem{Kind: ops.Denied, Title: safe.Line("not authorized to perform: X")}
		w.fail["DescribeRun"] = w.fail["History"]
		return w
	}, TabVerdict, 100, 30, func(_ *world, d *tuitest.Driver) {
		see(t, d, "Why it ended could not be read.", "run not read: not authorized", "r tries again")
		dontSee(t, d, "Reading why")
	})
}

func TestAKnownCauseStaysWhenTheHistoryCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := storyFailed()
		c := w.console(plainLook)
		if _, err := c.Failure(t.Context(), w.listed()); err != nil {
			t.Fatal(err)
		}
		w.fail["History"] = &ops.Problem{Kind: ops.Denied, Title: safe.Line("not authorized to perform: X")}
		d := tuitest.Drive(t, optionsOf(c, newRun(c, w.listed(), TabVerdict), ""), 120, 30)
		d.Advance(firstAnswers)
		see(t, d, "history not read: not authorized", "Run: the container was killed for memory")
		dontSee(t, d, "Reading why")
	})
}

func TestEventsAreFilteredAndShownInDetail(t *testing.T) {
	drive(t, storyFailed, TabEvents, 180, 40, func(_ *world, d *tuitest.Driver) {
		see(t, d, "ExecutionStarted", "TaskSubmitted", "SpotInterrupted")
		d.Press("/")
		d.Type("error:OutOfMemory")
		d.Press("enter")
		see(t, d, "ExecutionFailed")
		dontSee(t, d, "SpotInterrupted", "PassStateEntered")
		d.Press("G")
		see(t, d, `stopCode: "EssentialContainerExited"`)
		d.Press("esc", "/")
		d.Type("colour:red")
		see(t, d, "colour")
	})
}

func TestTheEventsOpenAtTheOneThatFailed(t *testing.T) {
	drive(t, storyFailed, TabVerdict, 120, 40, func(_ *world, d *tuitest.Driver) {
		see(t, d, "TaskFailed OutOfMemory  #12")
		d.Press("4")
		see(t, d, "id: 12")
	})
}

func TestADetailNeedsNoSecondPaneOnANarrowScreen(t *testing.T) {
	drive(t, storyFailed, TabEvents, 80, 24, func(_ *world, d *tuitest.Driver) {
		d.Press("enter")
		see(t, d, "id: 1")
		dontSee(t, d, "TaskSubmitted")
		d.Press("esc")
		see(t, d, "TaskSubmitted")
	})
}

func TestTheTokenIsNeverOnTheScreen(t *testing.T) {
	secret := worldToken[:40]
	drive(t, storyFailed, TabVerdict, 200, 60, func(w *world, d *tuitest.Driver) {
		for _, key := range []string{"1", "2", "3", "4", "5", "6", "7"} {
			d.Press(key)
			for range 14 {
				d.Press("j")
				dontSee(t, d, secret)
			}
		}
		d.Press("6")
		see(t, d, "TASK_TOKEN=…")
	})
}

func TestTheRunIsExportedWithoutItsToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := storyFailed()
		c := w.console(plainLook)
		s := newRun(c, w.listed(), TabVerdict)
		d := tuitest.Drive(t, optionsOf(c, s, t.TempDir()), 120, 40)
		d.Press("e")
		selection := s.(*runScreen).Subject()
		doc, err := selection.Export()
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Name   string
			Input  string
			Events []workflow.Event
		}
		if err := json.Unmarshal(doc, &got); err != nil {
			t.Fatal(err)
		}
		if got.Name != "2026-11-23-orders" || len(got.Events) != len(w.events) || got.Input != w.run.Input {
			t.Errorf("exported %q with input %s and %d events of %d", got.Name, got.Input, len(got.Events), len(w.events))
		}
		if bytes.Contains(doc, []byte(worldToken[:40])) {
			t.Error("the token is in the export")
		}
		if want := "https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/"; !strings.HasPrefix(selection.URL, want) {
			t.Errorf("the page in the web console is %s", selection.URL)
		}
	})
}

func TestInputAndOutputAreSearchedAndCopied(t *testing.T) {
	drive(t, storySucceeded, TabIO, 80, 24, func(_ *world, d *tuitest.Driver) {
		see(t, d, "run input", "orders")
		d.Press("tab")
		see(t, d, "s3://dumps/orders.sql.zst")
		d.Press("/")
		d.Type("zst")
		d.Press("enter", "y")
		if d.Clipboard != "s3://dumps/orders.sql.zst" {
			t.Errorf("copied %q", d.Clipboard)
		}
	})
}

func TestAStateOfTheTimelineOpensItsEventsInputAndLog(t *testing.T) {
	for _, tab := range []Tab{TabTimeline, TabGraph} {
		drive(t, storySucceeded, tab, 100, 30, func(_ *world, d *tuitest.Driver) {
			d.Press("enter")
			see(t, d, "TaskSubmitted", "TaskStateEntered")
			dontSee(t, d, "ExecutionStarted", "PassStateEntered")
			d.Press("5", "tab", "tab")
			see(t, d, "Run input")
			d.Press("l")
			d.Advance(firstAnswers)
			see(t, d, "dumping orders", "job of attempt 1")
		})
	}
}

func TestTimelineAndGraphShareTheCursor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := storyBranches()
		c := w.console(plainLook)
		s := newRun(c, w.listed(), TabTimeline).(*runScreen)
		d := tuitest.Drive(t, optionsOf(c, s, t.TempDir()), 100, 30)
		for range 3 {
			d.Press("j")
		}
		state := s.state
		d.Press("3", "k", "j")
		if state.Empty() || s.state != state {
			t.Errorf("the graph stands on %q, the timeline on %q", s.state, state)
		}
	})
}

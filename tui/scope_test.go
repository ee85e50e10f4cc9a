package tui_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui"
)

func loaded(seen []tea.Msg) []string {
	var out []string
	for _, m := range seen {
		if l, ok := m.(tui.Loaded[string]); ok {
			out = append(out, l.Value)
		}
	}
	return out
}

func TestOnlyTheNewestAnswerOfAKeyArrives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		first, second := make(chan string, 1), make(chan string, 1)
		home.open = func(s *tui.Scope) tea.Cmd { return tui.Load(s, "k", time.Hour, answer(first)) }
		home.act = func(s *tui.Scope) tea.Cmd { return tui.Load(s, "k", time.Hour, answer(second)) }
		d := drive(t, home)
		d.Press("l")
		second <- "new"
		first <- "old"
		d.Settle()
		if got := loaded(home.seen); len(got) != 1 || got[0] != "new" {
			t.Errorf("the screen got %q", got)
		}
		if home.scope.Busy("k") {
			t.Error("the key is busy after its answer")
		}
	})
}

func TestASecondLoadEndsTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		var ended error
		home.open = func(s *tui.Scope) tea.Cmd {
			return tui.Load(s, "k", time.Hour, func(ctx context.Context) (string, error) {
				<-ctx.Done()
				ended = ctx.Err()
				return "late", nil
			})
		}
		home.act = func(s *tui.Scope) tea.Cmd {
			return tui.Load(s, "k", time.Hour, func(context.Context) (string, error) { return "new", nil })
		}
		d := drive(t, home)
		d.Press("l")
		if !errors.Is(ended, context.Canceled) {
			t.Errorf("the first load ended with %v", ended)
		}
		if got := loaded(home.seen); len(got) != 1 || got[0] != "new" {
			t.Errorf("the screen got %q", got)
		}
	})
}

func TestALoadHasADeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		home.open = func(s *tui.Scope) tea.Cmd { return tui.Load(s, "k", 3*time.Second, answer(nil)) }
		d := drive(t, home)
		d.Advance(3 * time.Second)
		last, ok := home.seen[len(home.seen)-1].(tui.Loaded[string])
		if !ok || !errors.Is(last.Err, context.DeadlineExceeded) {
			t.Errorf("the screen got %v", home.seen)
		}
	})
}

func TestLeavingAScreenEndsItsWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home, over := newToy("home"), newToy("over")
		ended := false
		over.open = func(s *tui.Scope) tea.Cmd {
			return tui.Load(s, "k", time.Hour, func(ctx context.Context) (string, error) {
				<-ctx.Done()
				ended = true
				return "", ctx.Err()
			})
		}
		home.act = func(*tui.Scope) tea.Cmd { return tui.Push(over) }
		d := drive(t, home)
		d.Press("l", "esc")
		mustNotShow(t, d, "over")
		if !ended || len(loaded(over.seen)) != 0 {
			t.Errorf("ended %v, seen %v", ended, over.seen)
		}
	})
}

func TestACoveredScreenStillGetsItsAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		value := make(chan string, 1)
		home.open = func(s *tui.Scope) tea.Cmd { return tui.Load(s, "k", time.Hour, answer(value)) }
		d := drive(t, home)
		d.Press("enter")
		value <- "counted"
		d.Settle()
		if got := loaded(home.seen); len(got) != 1 {
			t.Errorf("the covered screen got %q", got)
		}
	})
}

func TestAFloodOfItemsComesInFewMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const items = 100_000
		home := newToy("home")
		messages, total := 0, 0
		home.got = func(msg tea.Msg) tea.Cmd {
			if b, ok := msg.(tui.Batch[int]); ok {
				messages++
				for _, item := range b.Items {
					if item != total {
						t.Fatalf("item %d came as number %d", item, total)
					}
					total++
				}
			}
			return nil
		}
		home.open = func(s *tui.Scope) tea.Cmd {
			return tui.Stream(s, "k", func(ctx context.Context) (<-chan int, error) {
				out := make(chan int)
				go func() {
					defer close(out)
					for i := range items {
						select {
						case out <- i:
						case <-ctx.Done():
							return
						}
						if i%10_000 == 9_999 {
							time.Sleep(20 * time.Millisecond)
						}
					}
				}()
				return out, nil
			})
		}
		d := drive(t, home)
		d.Advance(time.Second)
		if total != items || messages > 10 {
			t.Errorf("%d items in %d messages", total, messages)
		}
	})
}

func TestAStreamEndsWithItsScreenEvenIfItsChannelStaysOpen(t *testing.T) {
	for items := range 2 {
		synctest.Test(t, func(t *testing.T) {
			home, over := newToy("home"), newToy("over")
			over.open = func(s *tui.Scope) tea.Cmd {
				return tui.Stream(s, "k", func(context.Context) (<-chan int, error) {
					out := make(chan int, items)
					for i := range items {
						out <- i
					}
					return out, nil
				})
			}
			home.act = func(*tui.Scope) tea.Cmd { return tui.Push(over) }
			d := drive(t, home)
			d.Press("l", "esc")
			left := time.Now()
			d.Close() // fails if work goes on
			if took := time.Since(left); took > 0 {
				t.Errorf("after %d items it went on for %s", items, took)
			}
		})
	}
}

func TestAStreamThatCannotOpenSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		home.open = func(s *tui.Scope) tea.Cmd {
			return tui.Stream(s, "k", func(context.Context) (<-chan int, error) { return nil, errors.New("no such group") })
		}
		drive(t, home)
		b, ok := home.seen[0].(tui.Batch[int])
		if !ok || !b.Done || b.Err == nil {
			t.Errorf("the screen got %v", home.seen)
		}
	})
}

// polling is a screen that polls every 10 seconds, each poll failing with err.
func polling(err error) *toy {
	home := newToy("home")
	again := func(s *tui.Scope) tea.Cmd { return tui.Again(s, "poll", 10*time.Second, err) }
	home.open = again
	home.got = func(msg tea.Msg) tea.Cmd {
		if _, ok := msg.(tui.Tick); ok {
			return again(home.scope)
		}
		return nil
	}
	return home
}

func TestNothingPollsWhileNobodyCanSee(t *testing.T) {
	for name, c := range map[string]struct {
		away, back func(press func(...string), send func(...tea.Msg))
	}{
		"unfocused": {
			func(_ func(...string), send func(...tea.Msg)) { send(tea.BlurMsg{}) },
			func(_ func(...string), send func(...tea.Msg)) { send(tea.FocusMsg{}) },
		},
		"covered": {
			func(press func(...string), _ func(...tea.Msg)) { press("enter") },
			func(press func(...string), _ func(...tea.Msg)) { press("esc") },
		},
		"paused": {
			func(press func(...string), _ func(...tea.Msg)) { press("p") },
			func(press func(...string), _ func(...tea.Msg)) { press("p") },
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				home := polling(nil)
				d := drive(t, home)
				d.Advance(25 * time.Second)
				if home.ticks() != 2 {
					t.Fatalf("%d polls in 25 s of every 10 s", home.ticks())
				}
				c.away(d.Press, d.Send)
				d.Advance(time.Hour)
				if home.ticks() != 2 {
					t.Fatalf("%d polls while nobody could see", home.ticks())
				}
				c.back(d.Press, d.Send)
				if home.ticks() != 3 {
					t.Errorf("%d polls: the one that was held did not come at once", home.ticks())
				}
			})
		})
	}
}

func TestAPauseHoldsNoDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		home.act = func(s *tui.Scope) tea.Cmd { return tui.After(s, "details", 150*time.Millisecond) }
		d := drive(t, home)
		d.Press("p", "l")
		d.Advance(150 * time.Millisecond)
		if home.ticks() != 1 {
			t.Errorf("%d ticks", home.ticks())
		}
	})
}

func TestRefreshPollsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := polling(nil)
		d := drive(t, home)
		d.Press("r")
		if home.ticks() != 1 {
			t.Fatalf("%d polls after r", home.ticks())
		}
		d.Advance(11 * time.Second)
		if home.ticks() != 2 {
			t.Errorf("%d polls: the one before r came too", home.ticks())
		}
	})
}

func TestPollsBackOffWhileAWSThrottles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		throttled := &ops.Problem{Kind: ops.Throttled, Title: safe.Line("throttled")}
		home := polling(throttled)
		var at []time.Time
		inner := home.got
		home.got = func(msg tea.Msg) tea.Cmd {
			if _, ok := msg.(tui.Tick); ok {
				at = append(at, time.Now())
			}
			return inner(msg)
		}
		start := time.Now()
		d := drive(t, home)
		d.Advance(10 * time.Minute)
		last := start
		for i, want := range []time.Duration{20 * time.Second, 40 * time.Second, time.Minute, time.Minute} {
			pause := at[i].Sub(last)
			if pause > want || pause < want*3/4 {
				t.Errorf("pause %d is %s, not a little less than %s", i, pause, want)
			}
			last = at[i]
		}
	})
}

func TestAChangeOutlivesItsScreenAndTellsItsOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home, over := newToy("home"), newToy("over")
		result := make(chan string, 1)
		over.act = func(s *tui.Scope) tea.Cmd {
			return tui.Do(s, "stop", safe.Line("stop run-07"), time.Minute, answer(result))
		}
		home.act = func(*tui.Scope) tea.Cmd { return tui.Push(over) }
		d := drive(t, home)
		d.Press("l", "l", "l")
		mustShow(t, d, "stop run-07 is under way already")
		d.Advance(time.Minute / 2)
		d.Press("esc")
		result <- "stopped"
		d.Settle()
		mustShow(t, d, "stop run-07: done")
	})
}

func TestAScreenThatWasLeftMovesNothing(t *testing.T) {
	for name, late := range map[string]func(tea.Cmd) tea.Cmd{
		"alone":         func(pop tea.Cmd) tea.Cmd { return pop },
		"in a batch":    func(pop tea.Cmd) tea.Cmd { return tea.Batch(pop, tui.Toast(tui.Info, safe.Line("too"))) },
		"in a sequence": func(pop tea.Cmd) tea.Cmd { return tea.Sequence(tui.Toast(tui.Info, safe.Line("first")), pop) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				home, over := newToy("home"), newToy("over")
				over.open = func(*tui.Scope) tea.Cmd {
					return func() tea.Msg {
						time.Sleep(time.Second)
						return late(tui.Pop())()
					}
				}
				home.act = func(*tui.Scope) tea.Cmd { return tui.Push(over) }
				d := drive(t, home)
				d.Press("l", "esc", "enter")
				d.Advance(time.Minute)
				mustShow(t, d, "home › home+")
			})
		})
	}
}

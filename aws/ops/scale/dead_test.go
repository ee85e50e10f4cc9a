package scale_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// parts is how many random histories wait for the disk at the same time.
const parts = 8

// interleavings is how many random histories are looked at.
func interleavings() uint64 {
	if *full {
		return 200
	}
	return 40
}

// walkers and steps of one history.
const (
	walkers = 12
	steps   = 36
)

// TestDeadTokensAndNoOthersAreFoundInOneRefresh lets runs live through random
// heartbeats, answers, ends of tasks, stops, redrives and waits, and then compares
// what one look finds with what ECS and the token itself tell.
func TestDeadTokensAndNoOthersAreFoundInOneRefresh(t *testing.T) {
	var seen walkStats
	t.Run("histories", func(t *testing.T) {
		for part := range uint64(parts) {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				for seed := part; seed < interleavings() && !t.Failed(); seed += parts {
					live(t, seed, &seen)
				}
			})
		}
	})
	t.Logf("%d dead, %d alive, %d orphans", seen.dead.Load(), seen.alive.Load(), seen.orphans.Load())
	if min(seen.dead.Load(), seen.alive.Load(), seen.orphans.Load()) < int64(interleavings()) {
		t.Error("the histories are too tame")
	}
}

// live is one history and the look at its end.
func live(t *testing.T, seed uint64, seen *walkStats) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWalk(t, seed)
		for range steps {
			w.step()
			if w.random.IntN(3) > 0 { // else the next step comes while this one is under way
				synctest.Wait()
			}
		}
		synctest.Wait()
		w.compare(seen)
		if t.Failed() {
			t.Logf("this is history %d", seed)
		}
	})
}

// walkStats is what the histories came to.
type walkStats struct{ dead, alive, orphans atomic.Int64 }

// walk is one random history.
type walk struct {
	*account
	t      *testing.T
	random *rand.Rand
	runs   []string
}

func newWalk(t *testing.T, seed uint64) *walk {
	t.Helper()
	w := &walk{account: newAccount(t), t: t, random: rand.New(rand.NewPCG(seed, 7))}
	machines := []string{w.machine("patient", 2, 0), w.machine("strict", 4, 300)}
	for i := range walkers {
		started := w.must("states", "StartExecution", object{"stateMachineArn": machines[i%2], "name": fmt.Sprintf("run-%d", i), "input": "{}"})
		w.runs = append(w.runs, fmt.Sprint(started["executionArn"]))
	}
	synctest.Wait()
	return w
}

// step does one thing at random. What AWS refuses is part of the history.
func (w *walk) step() {
	run := w.runs[w.random.IntN(len(w.runs))]
	started := w.containers.all()
	c := started[w.random.IntN(len(started))]
	answer := func(operation string, request object) {
		request["taskToken"] = c.token
		_, _ = w.call("states", operation, request) // it may be closed
	}
	switch w.random.IntN(14) {
	case 0:
		answer("SendTaskFailure", object{"error": "Broken"})
		if w.random.IntN(2) == 0 {
			c.end(1)
		}
	case 1:
		answer("SendTaskSuccess", object{"output": "{}"})
		c.end(0)
	case 2:
		_, _ = w.call("states", "StopExecution", object{"executionArn": run}) // it may have ended
	case 3, 4:
		_, _ = w.call("states", "RedriveExecution", object{"executionArn": run}) // it may be running
	case 5, 6:
		answer("SendTaskHeartbeat", object{})
	case 7, 8, 9, 10, 11:
		c.end(w.random.IntN(3))
	case 12:
		time.Sleep(time.Duration(w.random.IntN(90)) * time.Second)
	case 13:
		time.Sleep(time.Duration(w.random.IntN(30)) * time.Minute)
	}
}

// compare takes one look and holds it against the truth: a token is open if it
// takes a heartbeat, and dead if its container has ended.
func (w *walk) compare(seen *walkStats) {
	w.t.Helper()
	var tokens ops.TokenList
	var orphans ops.OrphanList
	w.console(func(ctx context.Context, s *ops.Service) {
		var err error
		if tokens, err = s.OpenTokens(ctx, ops.TokenFilter{}); err != nil {
			w.t.Error(err)
		}
		if orphans, err = s.Orphans(ctx, ops.OrphanFilter{}); err != nil {
			w.t.Error(err)
		}
	})
	for _, err := range append(tokens.Errs, orphans.Errs...) {
		w.t.Error(err)
	}
	dead, alive, left := map[string]bool{}, map[string]bool{}, 0
	for _, c := range w.containers.all() {
		switch {
		case w.open(c.token):
			if c.alive() {
				alive[c.token] = true
			} else {
				dead[c.token] = true
			}
		case c.alive():
			left++
		}
	}
	found := map[workflow.Verdict]map[string]bool{workflow.Dead: {}, workflow.Alive: {}, workflow.Unknown: {}}
	for _, t := range tokens.Tokens {
		found[t.Verdict][t.Token.Reveal()] = true
	}
	if !maps.Equal(dead, found[workflow.Dead]) {
		w.t.Errorf("dead tokens are %s, found %s", joined(dead), joined(found[workflow.Dead]))
	}
	if !maps.Equal(alive, found[workflow.Alive]) {
		w.t.Errorf("live tokens are %s, found %s", joined(alive), joined(found[workflow.Alive]))
	}
	if n := len(found[workflow.Unknown]); n != 0 {
		w.t.Errorf("%d tokens are not judged", n)
	}
	if len(orphans.Orphans) != left {
		w.t.Errorf("%d tasks are orphans, found %d", left, len(orphans.Orphans))
	}
	seen.dead.Add(int64(len(dead)))
	seen.alive.Add(int64(len(alive)))
	seen.orphans.Add(int64(left))
}

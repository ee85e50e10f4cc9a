package e2e_test

import (
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/workflow"
)

// full asks for the sizes that real accounts have, and for long walks.
var full = flag.Bool("full", false, "test at the sizes of real accounts")

// sizes of the endpoint, and how long the console takes to know all of it.
type sizes struct {
	machines, runs, events int
	warmUp                 time.Duration
}

func size() sizes {
	if *full {
		return sizes{1_200, 10_000, 25_000, time.Hour}
	}
	return sizes{60, 1_000, 2_500, 5 * time.Minute}
}

// Machines of the big endpoint.
const (
	busy = "a-busy-one"
	long = "a-long-one"
)

// starters are how many calls fill the endpoint at once.
const starters = 8

// fill makes an endpoint as big as that, through its API: many machines, one
// with many runs, and one with a run that failed after many events.
func (w *world) fill(t *testing.T, n sizes) {
	t.Helper()
	pass := object{"StartAt": "Pass", "States": object{"Pass": object{"Type": "Pass", "End": true}}}
	w.machine(t, busy, pass)
	w.machine(t, long, looping(n.events))
	failed := w.startOf(t, long, "exhausted", `{}`)
	each(n.machines-2, func(i int) { w.machine(t, fmt.Sprintf("machine-%04d", i), pass) })
	each(n.runs, func(i int) { w.startOf(t, busy, fmt.Sprintf("run-%05d", i), `{}`) })
	w.ends(t, failed, workflow.Failed)
}

// each does a job so many times, several at once.
func each(n int, do func(i int)) {
	var wg sync.WaitGroup
	for worker := range starters {
		wg.Go(func() {
			for i := worker; i < n; i += starters {
				do(i)
			}
		})
	}
	wg.Wait()
}

// looping is a machine whose runs go round until they have about so many
// events, and fail.
func looping(events int) object {
	return object{"QueryLanguage": "JSONata", "StartAt": "Begin", "States": object{
		"Begin": object{"Type": "Pass", "Assign": object{"n": 0}, "Next": "Round"},
		"Round": object{"Type": "Pass", "Assign": object{"n": "{% $n + 1 %}"}, "Next": "Again"},
		"Again": object{"Type": "Choice", "Default": "Exhaust", "Choices": []object{
			{"Condition": fmt.Sprintf("{%% $n < %d %%}", events/4-2), "Next": "Round"},
		}},
		"Exhaust": object{"Type": "Fail", "Error": "Exhausted", "Cause": "round and round it went"},
	}}
}

// rowsOf is how many lines of a screen hold the word.
func rowsOf(screen, word string) int { return strings.Count(screen, word) }

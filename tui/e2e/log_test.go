package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// flood is how many numbered lines the flooding task writes.
const flood = 20_000

func TestALogLosesAndDoublesNothing(t *testing.T) {
	words := fmt.Sprintf("drill flood %d --after 3", flood)
	t.Run("read after its end", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.ends(t, w.start(t, "flood", words), workflow.Succeeded)
		app := w.openLog(t, "flood")
		wholeFlood(t, app, w)
	})
	t.Run("followed from before it began", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		arn := w.start(t, "flood", words)
		app := w.openLog(t, "flood")
		app.See("following")
		app.See("flood: begins")
		w.ends(t, arn, workflow.Succeeded)
		wholeFlood(t, app, w)
		if w.gate.count("StartLiveTail") == 0 {
			t.Error("it was not followed live")
		}
	})
	t.Run("paused and followed again", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		arn := w.start(t, "flood", words)
		app := w.openLog(t, "flood")
		app.See("flood: 1 of 3 s")
		app.Press("g")
		app.See("paused, G follows")
		app.Blur()
		w.ends(t, arn, workflow.Succeeded)
		app.Focus()
		app.Press("G")
		wholeFlood(t, app, w)
	})
}

// openLog opens the console at the log of a run of the shipped machine.
func (w *world) openLog(t *testing.T, run string) *app {
	t.Helper()
	app := w.open(t)
	app.Run(shippedtest.Machine, run)
	app.Press("7")
	return app
}

var numbered = regexp.MustCompile(`(?m)(\d{9}) the quick brown fox`)

// wholeFlood saves the log and looks for each number once, in order.
func wholeFlood(t *testing.T, app *app, w *world) {
	t.Helper()
	app.See("whole log")
	app.Press("s")
	app.See("saved")
	text, err := os.ReadFile(filepath.Join(w.dir, "flood.log"))
	if err != nil {
		t.Fatal(err)
	}
	lines := numbered.FindAllStringSubmatch(string(text), -1)
	for i, line := range lines {
		if n, _ := strconv.Atoi(line[1]); n != i+1 {
			t.Fatalf("line %d is number %d", i+1, n)
		}
	}
	if len(lines) != flood {
		t.Errorf("%d of %d numbered lines are there", len(lines), flood)
	}
	if n := strings.Count(string(text), "flood: done"); n != 1 {
		t.Errorf("the last line is there %d times", n)
	}
}

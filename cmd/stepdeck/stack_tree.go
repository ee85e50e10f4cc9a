package main

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/term"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

// treeBeat is how often the durations of a live tree move on.
const treeBeat = 500 * time.Millisecond

// tree shows an operation on a stack: drawn in place where stderr is a
// terminal, else a line for every resource that has come to a status.
type tree struct {
	app           *app
	width, height int // of the terminal; 0 where there is none
	ended         chan struct{}
	beats         sync.WaitGroup

	mu      sync.Mutex
	last    stack.Progress
	drawn   int             // lines on the screen
	told    map[string]bool // resource and status, or failure, that a plain line was written for
	resting bool
}

// newTree shows nothing before the first progress. The caller ends it.
func (a *app) newTree() *tree {
	t := &tree{app: a, ended: make(chan struct{}), told: map[string]bool{}, resting: true}
	if file, ok := a.err.(*os.File); ok && term.IsTerminal(file.Fd()) && a.flags.output != "json" {
		if width, height, err := term.GetSize(file.Fd()); err == nil {
			t.width, t.height = width, height
		}
	}
	if t.height > 0 {
		t.beats.Go(t.beat)
	}
	return t
}

func (t *tree) beat() {
	ticker := time.NewTicker(treeBeat)
	defer ticker.Stop()
	for {
		select {
		case <-t.ended:
			return
		case <-ticker.C:
			t.mu.Lock()
			if !t.resting {
				t.draw()
			}
			t.mu.Unlock()
		}
	}
}

// end stops the tree and leaves its last state on the screen.
func (t *tree) end() {
	close(t.ended)
	t.beats.Wait()
	t.rest()
}

// rest leaves what is drawn where it is, so that something else can be written.
func (t *tree) rest() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drawn, t.resting = 0, true
}

// show brings the tree to the progress.
func (t *tree) show(p stack.Progress) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = p
	if t.height == 0 {
		t.tell(p)
		return
	}
	t.resting = false
	t.draw()
	if p.Done() {
		t.drawn, t.resting = 0, true
	}
}

// tell writes a plain line for each resource that has come to a new status, and
// before them one for the first failure: the resource may be past it by now.
func (t *tree) tell(p stack.Progress) {
	first := ""
	if p.Failed != nil {
		first = p.Failed.Logical
		if reason, _ := stack.Explain(*p.Failed); !t.told[p.Failed.ID] {
			t.told[p.Failed.ID] = true
			t.app.note("✖ %s %s: %s", first, p.Failed.Type, reason)
		}
	}
	for _, r := range p.Resources {
		key := r.Logical + " " + string(r.Status) + " " + r.Started.String()
		if t.told[key] || r.Status == "" {
			continue
		}
		t.told[key] = true
		line := safe.Linef("%s %s %s", r.Status, r.Logical, r.Type)
		if !r.Ended.IsZero() {
			line = safe.Linef("%s %s", line, safe.Duration(r.Ended.Sub(r.Started)))
		}
		if r.Status.Failed() && r.Logical != first && !r.Reason.Empty() {
			line = safe.Linef("%s: %s", line, r.Reason)
		}
		t.app.note("%s", line)
	}
	if p.Done() {
		t.app.note("%s %s %s", p.Status, p.Stack, safe.Duration(p.Ended.Sub(p.Started)))
	}
}

// draw writes the tree over what it drew before.
func (t *tree) draw() {
	lines := t.app.treeLines(t.last, t.width-1, t.height-1)
	var out strings.Builder
	if t.drawn > 0 {
		fmt.Fprintf(&out, "\x1b[%dA\r", t.drawn)
	}
	out.WriteString("\x1b[J")
	for _, line := range lines {
		out.WriteString(line + "\n")
	}
	t.app.say("%s", out.String())
	t.drawn = len(lines)
}

// treeLines are at most limit lines of the width: the failure first, then the
// stack, then its resources; those that are done give way first.
func (a *app) treeLines(p stack.Progress, width, limit int) []string {
	now := a.now()
	var head, done, open []string
	if p.Failed != nil {
		reason, _ := stack.Explain(*p.Failed)
		head = append(head, a.paint(safe.Linef("✖ %s: %s", p.Failed.Logical, reason).Truncate(width), "31"))
	}
	head = append(head, a.paint(safe.Linef("%s %s  %s", p.Stack, p.Status, span(p.Started, p.Ended, now)).Truncate(width), "1"))
	for _, r := range p.Resources {
		look := resourceLook(r.Status)
		name := safe.Linef("  %s %-20s", look.sign, r.Logical).Truncate(width)
		rest := safe.Linef(" %-34s %s", r.Type, span(r.Started, r.Ended, now)).Truncate(width - name.Width())
		line := a.paint(name, look.sgr) + rest.String()
		if r.Ended.IsZero() || r.Status.Failed() {
			open = append(open, line)
		} else {
			done = append(done, line)
		}
	}
	if hidden := len(head) + len(done) + len(open) + 1 - limit; hidden > 0 && len(done) > 0 {
		hidden = min(hidden, len(done))
		head = append(head, safe.Linef("  ✔ and %d more", hidden).String())
		done = done[hidden:]
	}
	lines := append(append(head, done...), open...)
	return lines[:min(len(lines), limit)]
}

func resourceLook(s stack.Status) actionLook {
	switch {
	case s.Moving():
		return actionLook{sign: "●", sgr: "34"}
	case s.Failed():
		return actionLook{sign: "✖", sgr: "31"}
	case s == stack.DeleteComplete || s == stack.DeleteSkipped:
		return actionLook{sign: "-", sgr: "33"}
	default:
		return actionLook{sign: "✔", sgr: "32"}
	}
}

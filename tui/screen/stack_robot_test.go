package screen

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

var stackKeys = []string{
	"1", "2", "3", "4", "5", "6", "tab", "shift+tab", "j", "k", "g", "G", "ctrl+d", "enter", "U", "F", "w", "B", "W", "d", "X",
	"esc", "q", "r", "y", "/", "?", "up", "down", "backspace", "a", "表", "n", "s", "S", "space",
}

// hostileStack has texts that try to move the cursor, hide and reorder, and every failure at once.
func hostileStack() *stackWorld {
	w := failedStack()
	bad := safe.Block("x\x1b[2J\x1b]0;title\a表\u202egnp\r\nnext " + strings.Repeat("表long", 80))
	for i := range w.state.Resources {
		w.state.Resources[i].Logical += bad.String()
		w.state.Resources[i].Physical, w.state.Resources[i].Reason = bad, bad
		w.state.Resources[i].Status = []stack.Status{"", stack.DeleteFailed, "UPDATE_IN_PROGRESS", stack.DeleteSkipped}[i%4]
	}
	w.state.Stack.Outputs = append(w.state.Stack.Outputs, stack.Output{Name: "Odd", Value: bad, Description: bad})
	w.state.Last.Failed.Reason, w.state.Last.Failed.Path = bad, bad
	w.plan.Changes[0].Properties[0].Before, w.plan.Changes[0].Properties[0].Path = bad, bad.String()
	w.plan.Findings[0].Sentence = bad
	w.image.Deployed.Missing = true
	w.image.Newest.Findings.Reason, w.image.Newest.Findings.Status = bad, "FAILED"
	return w
}

var stackWorlds = map[string]func() *stackWorld{"usual": deployedStack, "hostile": hostileStack, "first": firstDeployment}

func TestWhateverIsPressedOnTheStackItFitsAndStaysClean(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		world := stackWorlds[rapid.SampledFrom([]string{"usual", "hostile", "first"}).Draw(rt, "world")]
		look := rapid.SampledFrom([]theme.Options{ansi16, {ASCII: true}}).Draw(rt, "look")
		moves := listMoves.Draw(rt, "moves")
		var wrong error
		synctest.Test(t, func(t *testing.T) { wrong = playStack(t, world(), look, moves) })
		if wrong != nil {
			rt.Fatal(wrong)
		}
	})
}

// playStack makes the moves and looks at the screen after each. A deployment needs the stack's
// name, which no move types: none may happen where something would be lost.
func playStack(t *testing.T, w *stackWorld, look theme.Options, moves []listMove) error {
	c := w.console(look)
	d := newAccount().open(t, c, newStack(c, ""), 80, 24)
	width, height := 80, 24
	for i, m := range moves {
		switch m.kind {
		case 0:
			width, height = 1+m.a, 1+m.b
			d.Send(tea.WindowSizeMsg{Width: width, Height: height})
		case 1:
			d.Advance(time.Duration(1+m.a*m.b) * time.Millisecond)
		default:
			d.Press(stackKeys[m.a%len(stackKeys)])
		}
		if d.Quit {
			return nil
		}
		if err := tuitest.Exact(d.Frame(), width, height); err != nil {
			return fmt.Errorf("move %d: %w\n%s", i, err, d.Text())
		}
		if w.called("Deploy") > 0 || w.called("Delete") > 0 {
			return fmt.Errorf("move %d: something was lost unasked: %v", i, w.calls)
		}
	}
	return nil
}

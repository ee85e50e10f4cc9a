package screen

import (
	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

// many is runs that are acted on together, from the screen they are listed on.
type many struct {
	c    *Console
	s    *tui.Scope
	runs []workflow.Run
	// change is proposed for a clone.
	change workflow.Overrides
}

// over makes an action of one run the same over many; nil where there is none.
func (m many) over(id tui.ID) func() tea.Cmd {
	switch id {
	case tui.KeyRedrive:
		return func() tea.Cmd { return m.preview(ops.BulkRequest{Action: ops.BulkRedrive}) }
	case tui.KeyStop:
		return m.stop
	case tui.KeyClone:
		return m.clone
	case tui.KeyToken:
		return m.failTokens
	}
	return nil
}

// preview opens the bulk action's screen. The list is read again on return.
func (m many) preview(request ops.BulkRequest) tea.Cmd {
	if len(m.runs) == 0 {
		return tui.Toast(tui.Warn, safe.Linef("there is no run to %s", lower(bulkVerbs[request.Action].does)))
	}
	return tea.Batch(tui.Push(newBulk(m.c, request, m.runs)), tui.After(m.s, runChanged, restTime))
}

func (m many) stop() tea.Cmd {
	return askStop(m.c, safe.Linef("Stop %d runs", len(m.runs)), func(how stopping) tea.Cmd {
		return m.preview(ops.BulkRequest{Action: ops.BulkStop, Cause: how.cause, StopTasks: how.tasks})
	})
}

// failTokens asks why, and whether tasks that still work are stopped.
func (m many) failTokens() tea.Cmd {
	options := []tui.Option{
		{Label: safe.Line("those whose task is gone"), Help: safe.Line("nothing else will answer them; all others are left out")},
		{Label: safe.Line("all, and stop the tasks that still work"), Help: safe.Line("what they have done so far may be lost")},
	}
	why := tui.Prompt{
		Note:   []safe.Text{safe.Line("Each gets the error and the cause that ECS gives for its task.")},
		Fields: []tui.Field{{Label: safe.Line("why you do it, kept in the cause; may be empty")}},
	}
	return askTwice(safe.Linef("Fail the open tokens of %d runs", len(m.runs)), options, why, func(chosen int, text string) tea.Cmd {
		return m.preview(ops.BulkRequest{Action: ops.BulkFailToken, StopTasks: chosen == 1, Why: text})
	})
}

package screen

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/triage"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

const (
	// tasksPace is how often the tasks of a running run are read: what happens
	// in them makes no event.
	tasksPace = 5 * time.Second
	// closedPace is how often a run that can be redriven is looked at.
	closedPace = 15 * time.Second
	// historyLimit bounds the reading of a history of 25,000 events.
	historyLimit = 2 * time.Minute
)

// The keys of the run screen's requests.
const (
	askRun     = "run"
	askCause   = "run cause"
	askHistory = "run history"
	askFollow  = "run follow"
	askMachine = "run machine"
	askTasks   = "run tasks"
	askTail    = "run tail"
	askChild   = "run child"
	pollTasks  = "run tasks poll"
	pollRun    = "run poll"
	pollChild  = "run child poll"
)

// historyPart is how far the history is loaded; the last one carries it.
type historyPart struct {
	loaded, missing int
	done            bool
	events          []workflow.Event
	steps           []workflow.Step
	err             error
}

// load starts the reading. The cause of a failed run comes after one call; the
// rest of its history is read behind it.
func (r *runScreen) load() tea.Cmd {
	cmds := []tea.Cmd{r.loadMachine()}
	switch {
	case !r.data.run.Status.Closed():
		cmds = append(cmds, r.follow())
	case r.data.run.Status.Bad():
		cmds = append(cmds, r.loadRun(), r.loadCause())
	default:
		cmds = append(cmds, r.loadRun(), r.loadHistory())
	}
	return tea.Batch(cmds...)
}

func (r *runScreen) loadRun() tea.Cmd {
	arn := r.data.run.ARN
	return tui.Load(r.scope, askRun, loadLimit, func(ctx context.Context) (workflow.Run, error) {
		return r.console.DescribeRun(ctx, arn)
	})
}

func (r *runScreen) loadCause() tea.Cmd {
	run := r.data.run
	return tui.Load(r.scope, askCause, loadLimit, func(ctx context.Context) (workflow.Failure, error) {
		return r.console.Failure(ctx, run)
	})
}

func (r *runScreen) loadMachine() tea.Cmd {
	arn := r.data.run.ARN
	return tui.Load(r.scope, askMachine, loadLimit, func(ctx context.Context) (workflow.MachineDetail, error) {
		return r.console.MachineFor(ctx, arn)
	})
}

func (r *runScreen) loadHistory() tea.Cmd {
	arn := r.data.run.ARN
	return tui.Stream(r.scope, askHistory, func(ctx context.Context) (<-chan historyPart, error) {
		parts := make(chan historyPart)
		go func() {
			defer close(parts)
			r.readHistory(ctx, arn, parts)
		}()
		return parts, nil
	})
}

func (r *runScreen) readHistory(ctx context.Context, arn string, parts chan<- historyPart) {
	ctx, cancel := context.WithTimeout(ctx, historyLimit)
	defer cancel()
	send := func(p historyPart) {
		select {
		case parts <- p:
		case <-ctx.Done():
		}
	}
	h, err := r.console.LoadHistory(ctx, arn, func(loaded, missing int) { send(historyPart{loaded: loaded, missing: missing}) })
	send(historyPart{loaded: len(h.Events()), missing: h.Missing(), done: true, events: h.Events(), steps: h.Steps(), err: err})
}

func (r *runScreen) follow() tea.Cmd {
	r.scope.Cancel(askHistory)
	r.scope.Cancel(pollRun)
	arn := r.data.run.ARN
	return tui.Live(r.scope, askFollow, func(ctx context.Context) (<-chan ops.RunUpdate, error) {
		return r.console.FollowRun(ctx, arn), nil
	})
}

func (r *runScreen) loadTasks() tea.Cmd {
	if len(r.data.tasked()) == 0 {
		return nil
	}
	steps := r.data.steps
	return tui.Load(r.scope, askTasks, loadLimit, func(ctx context.Context) (map[string]workflow.Task, error) {
		return r.console.TasksOf(ctx, steps)
	})
}

// take takes an answer of the screen's own requests.
func (r *runScreen) take(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tui.Loaded[workflow.Run]:
		return r.takeRun(msg)
	case tui.Loaded[workflow.Failure]:
		r.settle(partCause, msg.Err)
		if msg.Err == nil {
			r.data.failure = &msg.Value
		}
		r.changed()
		return r.loadHistory()
	case tui.Loaded[workflow.MachineDetail]:
		r.takeMachine(msg)
	case tui.Loaded[map[string]workflow.Task]:
		return r.takeTasks(msg)
	case tui.Loaded[logTail]:
		r.takeTail(msg)
	case tui.Loaded[*triage.Evidence]:
		return r.takeChild(msg)
	case tui.Batch[historyPart]:
		return r.takeHistory(msg)
	case tui.Batch[ops.RunUpdate]:
		return r.takeUpdates(msg)
	case tui.Tick:
		return r.tick(msg.Key)
	}
	return nil
}

func (r *runScreen) settle(p part, err error) {
	r.data.settle(p, err)
	if err == nil {
		r.data.read = r.scope.Clock.Now()
	}
}

// takeRun notices a redrive too: then the run is followed again.
func (r *runScreen) takeRun(msg tui.Loaded[workflow.Run]) tea.Cmd {
	r.settle(partRun, msg.Err)
	if msg.Err == nil {
		before := r.data.run
		r.data.run = msg.Value
		r.changed()
		reopened := before.Status.Closed() && !msg.Value.Status.Closed()
		if reopened || msg.Value.RedriveCount != before.RedriveCount && !r.scope.Busy(askFollow) {
			r.data.failure, r.data.tail = nil, logTail{}
			r.forgetChild()
			return tea.Batch(r.follow(), r.log.again())
		}
	}
	if r.data.run.Status.Closed() {
		return tui.Again(r.scope, pollRun, closedPace, msg.Err)
	}
	return nil
}

func (r *runScreen) takeMachine(msg tui.Loaded[workflow.MachineDetail]) {
	r.settle(partMachine, msg.Err)
	if msg.Err != nil {
		return
	}
	r.data.machine = &msg.Value
	definition, err := workflow.ParseDefinition(msg.Value.Definition)
	if r.settle(partMachine, err); err == nil {
		r.data.definition = &definition
	}
	r.changed()
}

func (r *runScreen) takeTasks(msg tui.Loaded[map[string]workflow.Task]) tea.Cmd {
	r.settle(partTasks, msg.Err)
	if msg.Value != nil {
		r.data.tasks = msg.Value
	}
	r.data.diagnose(r.now())
	r.steps.set(&r.data, r.now())
	if r.data.run.Status.Closed() {
		return nil
	}
	again := tui.Again(r.scope, pollTasks, tasksPace, msg.Err)
	if at := r.data.culprit(); r.data.stuck() && at != nil && r.data.tail.task != at.TaskARN {
		return tea.Batch(again, r.loadTail())
	}
	return again
}

func (r *runScreen) takeHistory(msg tui.Batch[historyPart]) tea.Cmd {
	for _, p := range msg.Items {
		r.data.loaded, r.data.missing = p.loaded, p.missing
		if !p.done {
			continue
		}
		r.settle(partHistory, p.err)
		if p.err == nil {
			r.settle(partCause, nil) // the whole history tells it too
		}
		if p.err == nil || len(p.events) > len(r.data.events) {
			known := r.data.failure
			if r.data.setHistory(p.events, p.steps, p.missing); !r.data.whole && r.data.failure == nil {
				r.data.failure = known
			}
		}
		r.changed()
		return tea.Batch(r.loadTasks(), r.loadTail(), r.loadChild())
	}
	return nil
}

// takeUpdates takes the newest of what following brought. Once the run has
// closed, everything is read a last time.
func (r *runScreen) takeUpdates(msg tui.Batch[ops.RunUpdate]) tea.Cmd {
	for _, u := range msg.Items {
		problem := u.Err
		if problem == nil {
			problem = u.Stalled
		}
		r.settle(partHistory, problem)
		if u.Run.ARN == "" {
			continue
		}
		r.data.run = u.Run
		r.data.setHistory(u.Events, u.Steps, u.Missing)
	}
	if len(msg.Items) > 0 {
		r.changed()
	}
	if msg.Done && r.data.run.Status.Closed() {
		r.scope.Cancel(pollTasks)
		r.scope.Cancel(pollChild)
		return tea.Batch(r.loadRun(), r.loadTasks(), r.loadTail(), r.loadChild())
	}
	if len(msg.Items) == 0 {
		return nil
	}
	if r.scope.Busy(askTasks) {
		return r.meetChild()
	}
	return tea.Batch(r.loadTasks(), r.meetChild())
}

func (r *runScreen) tick(key string) tea.Cmd {
	switch key {
	case pollTasks:
		return r.loadTasks()
	case pollRun, runChanged:
		return r.loadRun()
	case pollChild:
		return r.loadChild()
	}
	return nil
}

// refresh reads everything again that is not being read.
func (r *runScreen) refresh() tea.Cmd {
	if !r.data.run.Status.Closed() && !r.scope.Busy(askFollow) {
		return tea.Batch(r.follow(), r.retryMachine())
	}
	return tea.Batch(r.loadRun(), r.loadHistory(), r.retryMachine())
}

func (r *runScreen) retryMachine() tea.Cmd {
	if r.data.machine != nil {
		return nil
	}
	return r.loadMachine()
}

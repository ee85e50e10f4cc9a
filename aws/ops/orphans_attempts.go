package ops

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/stepdeck/stepdeck/aws/workflow"
)

// attempts are those of runs that may have left a task behind.
type attempts struct {
	closed []Orphan
	// lost were closed while RunTask was under way: the history names no task, but
	// the token that was sent is in the task's environment.
	lost []lostAttempt
	// known are the tasks of all attempts that name one, closed or not.
	known []knownTask
}

type lostAttempt struct {
	Orphan
	token workflow.Token
}

type knownTask struct{ arn, cluster, machineARN string }

// keptAttempts is how many attempts of a closed run are kept; one with more is
// read anew in each look.
const keptAttempts = 50

// attemptsOf reads a run's newest page of history. Those of a closed run are kept.
func (s *Service) attemptsOf(ctx context.Context, r workflow.Run) (attempts, error) {
	key := failureKey{r.ARN, r.RedriveCount}
	if found, ok := recall(&s.mu, s.attempts, key); ok {
		return found, nil
	}
	page, err := s.ports.Histories.History(ctx, HistoryQuery{RunARN: r.ARN, Reverse: true})
	if err != nil {
		return attempts{}, fmt.Errorf("read history of %s: %w", r.Name, err)
	}
	found := readAttempts(r, workflow.Steps(page.Events))
	if r.Status.Closed() && ends(page.Events) && len(found.known)+len(found.lost) <= keptAttempts {
		keep(&s.mu, s.attempts, cacheLimit, key, found)
	}
	return found, nil
}

// ends reports whether the newest of the events closes the run: a history may
// lag behind the list of runs.
func ends(events []workflow.Event) bool {
	if len(events) == 0 {
		return false
	}
	switch slices.MaxFunc(events, func(a, b workflow.Event) int { return cmp.Compare(a.ID, b.ID) }).Type {
	case workflow.ExecutionSucceeded, workflow.ExecutionFailed, workflow.ExecutionTimedOut, workflow.ExecutionAborted:
		return true
	}
	return false
}

func readAttempts(r workflow.Run, steps []workflow.Step) attempts {
	var found attempts
	tokens := map[[2]int]workflow.Token{}
	for i, step := range steps {
		for j, a := range step.Attempts {
			if a.TaskARN == "" && !a.Open() && a.ResourceType == "ecs" {
				tokens[[2]int{i, j}] = a.Token(step.State, nil)
			}
		}
	}
	forget(nil, steps)
	for i, step := range steps {
		for j, a := range step.Attempts {
			o := Orphan{Run: r, Step: step, Attempt: a}
			token := tokens[[2]int{i, j}]
			switch {
			case !token.Empty():
				found.lost = append(found.lost, lostAttempt{o, token})
			case a.TaskARN != "":
				found.known = append(found.known, knownTask{a.TaskARN, a.ClusterARN, r.MachineARN})
				if !a.Open() {
					found.closed = append(found.closed, o)
				}
			}
		}
	}
	return found
}

func (a *attempts) add(other attempts) {
	a.closed, a.lost, a.known = append(a.closed, other.closed...), append(a.lost, other.lost...), append(a.known, other.known...)
}

// clusters are those that the attempts ran in.
func (a *attempts) clusters() []string {
	clusters := map[string]bool{}
	for _, t := range a.known {
		clusters[t.cluster] = true
	}
	return slices.Sorted(maps.Keys(clusters))
}

// firstOfMachine tells which run is the first asked about of a machine none of
// whose attempts names a cluster.
func (a *attempts) firstOfMachine() func(workflow.Run) bool {
	known := map[string]bool{}
	for _, t := range a.known {
		known[t.machineARN] = true
	}
	return func(r workflow.Run) bool {
		first := !known[r.MachineARN]
		known[r.MachineARN] = true
		return first
	}
}

// alive are the live tasks that are worth a look, by cluster: those of closed
// attempts, and those that no attempt names, if some attempts lost theirs or are
// not read yet.
func (a *attempts) alive(live map[string][]string, unread bool) map[string][]string {
	closed, named := map[string]bool{}, a.named()
	for _, o := range a.closed {
		closed[o.Attempt.TaskARN] = true
	}
	looked := map[string][]string{}
	for cluster, arns := range live {
		for _, arn := range arns {
			if closed[arn] || (unread || len(a.lost) > 0) && !named[arn] {
				looked[cluster] = append(looked[cluster], arn)
			}
		}
	}
	return looked
}

func (a *attempts) named() map[string]bool {
	named := map[string]bool{}
	for _, t := range a.known {
		named[t.arn] = true
	}
	return named
}

// spansUnnamed tells of which runs a live task may be that no attempt names.
func (a *attempts) spansUnnamed(tasks map[string]workflow.Task) func(workflow.Run) bool {
	named := a.named()
	var unnamed []workflow.Task
	for _, t := range tasks {
		if t.Live() && !named[t.ARN] {
			unnamed = append(unnamed, t)
		}
	}
	return func(r workflow.Run) bool {
		return slices.ContainsFunc(unnamed, func(t workflow.Task) bool {
			return t.Created.After(r.Started.Add(-createdWithin)) && t.Created.Before(r.Stopped.Add(createdWithin))
		})
	}
}

// matched are the lost attempts with the task that was given their token.
func (a *attempts) matched(tasks map[string]workflow.Task) []Orphan {
	byToken := map[string]workflow.Task{}
	for _, t := range tasks {
		for _, container := range t.Overrides {
			for _, v := range container.Environment {
				byToken[v.Value] = t
			}
		}
	}
	var found []Orphan
	for _, lost := range a.lost {
		if t, ok := byToken[lost.token.Reveal()]; ok {
			o := lost.Orphan
			o.Attempt.TaskARN, o.Attempt.ClusterARN = t.ARN, t.ClusterARN
			found = append(found, o)
		}
	}
	return found
}

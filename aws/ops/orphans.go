package ops

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/workflow"
)

// Orphan is a task that still works although its attempt is closed.
type Orphan struct {
	Run     workflow.Run
	Step    workflow.Step
	Attempt workflow.Attempt
	Task    workflow.Task
}

// OrphanFilter says which runs to look at.
type OrphanFilter struct {
	MachineARN string    // empty: all Standard machines
	Since      time.Time // started at or after; zero: any time
	Limit      int       // runs to look at; 0: 1000
}

// OrphanList is what was found, oldest attempt first.
type OrphanList struct {
	Orphans []Orphan
	More    bool    // older runs exist that were not looked at
	Errs    []error // what could not be looked at, and why
}

// Orphans finds tasks that outlived their attempt: of runs that ended badly or
// were redriven, and of earlier attempts of running ones. It asks each cluster once what is
// alive, so that runs long over cost no call to ECS.
func (s *Service) Orphans(ctx context.Context, f OrphanFilter) (OrphanList, error) {
	if f.Limit <= 0 {
		f.Limit = defaultTokenRuns
	}
	runs, err := s.ListRuns(ctx, RunFilter{MachineARN: f.MachineARN, Since: f.Since, Limit: f.Limit})
	if err != nil {
		return OrphanList{}, err
	}
	list := OrphanList{More: runs.More}
	suspects := slices.DeleteFunc(runs.Runs, func(r workflow.Run) bool { return r.Status == workflow.Succeeded && r.RedriveCount == 0 })
	var mu sync.Mutex
	var all attempts
	list.addErrs(each(ctx, suspects, func(ctx context.Context, r workflow.Run) error {
		found, err := s.attemptsOf(ctx, r)
		mu.Lock()
		defer mu.Unlock()
		all.closed, all.lost = append(all.closed, found.closed...), append(all.lost, found.lost...)
		all.known = append(all.known, found.known...)
		return err
	}))
	live, errs := s.liveIn(ctx, all.clusters())
	list.addErrs(errs)
	tasks, err := s.describeTasks(ctx, all.alive(live))
	list.addErrs([]error{err})
	for _, o := range slices.Concat(all.closed, all.matched(tasks)) {
		if t, ok := tasks[o.Attempt.TaskARN]; ok && t.Live() {
			o.Task = t
			list.Orphans = append(list.Orphans, o)
		}
	}
	slices.SortStableFunc(list.Orphans, func(a, b Orphan) int { return a.Attempt.Scheduled.Compare(b.Attempt.Scheduled) })
	return list, ctx.Err()
}

func (l *OrphanList) addErrs(errs []error) {
	for _, err := range errs {
		if err != nil {
			l.Errs = append(l.Errs, err)
		}
	}
}

// attempts are those of runs that may have left a task behind.
type attempts struct {
	closed []Orphan
	// lost were closed while RunTask was under way: the history names no task, but
	// the token that was sent is in the task's environment.
	lost  []Orphan
	known []string // ARNs of the tasks of all attempts that name one
}

// attemptsOf reads a run's newest page of history.
func (s *Service) attemptsOf(ctx context.Context, r workflow.Run) (attempts, error) {
	var found attempts
	page, err := s.ports.Histories.History(ctx, HistoryQuery{RunARN: r.ARN, Reverse: true})
	if err != nil {
		return found, fmt.Errorf("read history of %s: %w", r.Name, err)
	}
	for _, step := range workflow.Steps(page.Events) {
		for _, a := range step.Attempts {
			o := Orphan{Run: r, Step: step, Attempt: a}
			switch {
			case a.TaskARN != "":
				found.known = append(found.known, a.TaskARN)
				if !a.Open() {
					found.closed = append(found.closed, o)
				}
			case !a.Open() && a.ResourceType == "ecs" && !a.Token(step.State, nil).Empty():
				found.lost = append(found.lost, o)
			}
		}
	}
	return found, nil
}

// clusters are those that the attempts ran in.
func (a *attempts) clusters() []string {
	var clusters []string
	for _, o := range a.closed {
		clusters = append(clusters, o.Attempt.ClusterARN)
	}
	slices.Sort(clusters)
	return slices.Compact(clusters)
}

// alive are the live tasks that are worth a look, by cluster: those of closed
// attempts, and while some lost theirs, those that no attempt names.
func (a *attempts) alive(live map[string][]string) map[string][]string {
	of := map[string]bool{}
	for _, o := range a.closed {
		of[o.Attempt.TaskARN] = true
	}
	known := map[string]bool{}
	for _, arn := range a.known {
		known[arn] = true
	}
	looked := map[string][]string{}
	for cluster, arns := range live {
		for _, arn := range arns {
			if of[arn] || len(a.lost) > 0 && !known[arn] {
				looked[cluster] = append(looked[cluster], arn)
			}
		}
	}
	return looked
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
	for _, o := range a.lost {
		if t, ok := byToken[o.Attempt.Token(o.Step.State, nil).Reveal()]; ok {
			o.Attempt.TaskARN, o.Attempt.ClusterARN = t.ARN, t.ClusterARN
			found = append(found, o)
		}
	}
	return found
}

// liveIn lists the ARNs of the clusters' tasks that are not stopping.
func (s *Service) liveIn(ctx context.Context, clusters []string) (map[string][]string, []error) {
	live := map[string][]string{}
	var errs []error
	for _, cluster := range clusters {
		q := TaskQuery{Cluster: cluster}
		for {
			page, err := s.ports.Tasks.ListTasks(ctx, q)
			if err != nil {
				errs = append(errs, fmt.Errorf("list tasks of cluster %s: %w", workflow.TaskID(cluster), err))
				break
			}
			live[cluster] = append(live[cluster], page.ARNs...)
			if q.Page = page.Next; q.Page == "" {
				break
			}
		}
	}
	return live, errs
}

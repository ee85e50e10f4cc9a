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
	More    bool    // there are runs that were not looked at
	Errs    []error // what could not be looked at, and why
}

const (
	// mostQuiet bounds how many runs that went well are looked into in one look.
	mostQuiet = 100
	// endsWithin is how long a task may work on after it has answered its token.
	endsWithin = time.Minute
	// createdWithin is how far outside its run's time a task may be created: RunTask
	// may be under way when the run ends, and two services' clocks differ.
	createdWithin = time.Minute
)

// Orphans finds tasks that outlived their attempt. The runs cost a call for each
// thousand. One that runs, ended badly or was redriven costs a page of history,
// once it is closed only the first time. Each cluster is asked once what is
// alive, and ECS about a hundred tasks a call: those of closed attempts, and those
// that no attempt read so far names. A run that went well costs nothing unless one
// of the latter was created while it ran: then a page of history, the first time,
// for at most a hundred runs in one look; and for the newest of each machine of
// which no cluster is known yet.
func (s *Service) Orphans(ctx context.Context, f OrphanFilter) (OrphanList, error) {
	if f.Limit <= 0 {
		f.Limit = defaultTokenRuns
	}
	runs, err := s.ListRuns(ctx, RunFilter{MachineARN: f.MachineARN, Since: f.Since, Limit: f.Limit})
	if err != nil {
		return OrphanList{}, err
	}
	list := OrphanList{More: runs.More}
	suspects, quiet := apart(runs.Runs, func(r workflow.Run) bool { return r.Status != workflow.Succeeded || r.RedriveCount > 0 })
	var all attempts
	list.addErrs(s.addAttempts(ctx, &all, suspects))
	newest, quiet := apart(quiet, all.firstOfMachine())
	list.addErrs(s.addAttempts(ctx, &all, newest))
	live, errs := s.liveIn(ctx, all.clusters())
	list.addErrs(errs)
	tasks, err := s.describeTasks(ctx, all.alive(live, len(quiet) > 0))
	list.addErrs([]error{err})
	spanning, _ := apart(quiet, all.spansUnnamed(tasks))
	if len(spanning) > mostQuiet {
		spanning, list.More = spanning[:mostQuiet], true
	}
	list.addErrs(s.addAttempts(ctx, &all, spanning))
	now := s.now()
	for _, o := range slices.Concat(all.closed, all.matched(tasks)) {
		answered := o.Attempt.Outcome == workflow.DidSucceed && now.Sub(o.Attempt.Ended) < endsWithin
		if t, ok := tasks[o.Attempt.TaskARN]; ok && t.Live() && !answered {
			o.Task = t
			list.Orphans = append(list.Orphans, o)
		}
	}
	slices.SortStableFunc(list.Orphans, func(a, b Orphan) int { return a.Attempt.Scheduled.Compare(b.Attempt.Scheduled) })
	return list, ctx.Err()
}

// apart divides runs, in their order.
func apart(runs []workflow.Run, is func(workflow.Run) bool) (those, others []workflow.Run) {
	for _, r := range runs {
		if is(r) {
			those = append(those, r)
		} else {
			others = append(others, r)
		}
	}
	return those, others
}

func (l *OrphanList) addErrs(errs []error) {
	for _, err := range errs {
		if err != nil {
			l.Errs = append(l.Errs, err)
		}
	}
}

// addAttempts reads the attempts of the runs and adds them.
func (s *Service) addAttempts(ctx context.Context, all *attempts, runs []workflow.Run) []error {
	var mu sync.Mutex
	return each(ctx, runs, func(ctx context.Context, r workflow.Run) error {
		found, err := s.attemptsOf(ctx, r)
		mu.Lock()
		defer mu.Unlock()
		all.add(found)
		return err
	})
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

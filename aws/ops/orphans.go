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
	var closed []Orphan
	list.addErrs(each(ctx, suspects, func(ctx context.Context, r workflow.Run) error {
		found, err := s.closedAttempts(ctx, r)
		mu.Lock()
		defer mu.Unlock()
		closed = append(closed, found...)
		return err
	}))
	tasks, errs := s.liveAmong(ctx, closed)
	list.addErrs(errs)
	for _, o := range closed {
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

// closedAttempts reads a run's newest page of history for attempts that are
// over and had started a task.
func (s *Service) closedAttempts(ctx context.Context, r workflow.Run) ([]Orphan, error) {
	page, err := s.ports.Histories.History(ctx, HistoryQuery{RunARN: r.ARN, Reverse: true})
	if err != nil {
		return nil, fmt.Errorf("read history of %s: %w", r.Name, err)
	}
	var out []Orphan
	for _, step := range workflow.Steps(page.Events) {
		for _, a := range step.Attempts {
			if !a.Open() && a.TaskARN != "" {
				out = append(out, Orphan{Run: r, Step: step, Attempt: a})
			}
		}
	}
	return out, nil
}

// liveAmong describes the tasks of the attempts that are alive in their clusters.
func (s *Service) liveAmong(ctx context.Context, closed []Orphan) (map[string]workflow.Task, []error) {
	asked := map[string][]string{}
	for _, o := range closed {
		asked[o.Attempt.ClusterARN] = append(asked[o.Attempt.ClusterARN], o.Attempt.TaskARN)
	}
	var errs []error
	alive := map[string][]string{}
	for cluster, arns := range asked {
		live, err := s.liveIn(ctx, cluster)
		if err != nil {
			errs = append(errs, err)
		}
		for _, arn := range arns {
			if live[arn] {
				alive[cluster] = append(alive[cluster], arn)
			}
		}
	}
	tasks, err := s.describeTasks(ctx, alive)
	return tasks, append(errs, err)
}

// liveIn lists the ARNs of a cluster's tasks that are not stopping.
func (s *Service) liveIn(ctx context.Context, cluster string) (map[string]bool, error) {
	live := map[string]bool{}
	q := TaskQuery{Cluster: cluster}
	for {
		page, err := s.ports.Tasks.ListTasks(ctx, q)
		if err != nil {
			return live, fmt.Errorf("list tasks of cluster %s: %w", workflow.TaskID(cluster), err)
		}
		for _, arn := range page.ARNs {
			live[arn] = true
		}
		if q.Page = page.Next; q.Page == "" {
			return live, nil
		}
	}
}

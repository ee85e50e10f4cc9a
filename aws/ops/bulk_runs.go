package ops

import (
	"context"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/workflow"
)

// Runs are looked at again before they are acted on. A few are described; of
// many, lists by status tell a thousand with one call, and are read anew after
// freshFor. Both are eventually consistent (AWS: Step Functions).
const (
	fewRuns  = 50
	freshFor = 2 * time.Second
	// mostPages bounds a look; runs beyond it are described one by one.
	mostPages = 5
)

// bulkRuns tells how the runs of a bulk action stand.
type bulkRuns struct {
	s     *Service
	items []BulkItem

	mu   sync.Mutex
	read time.Time
	runs map[string]workflow.Run
}

// now tells how the item's run stands; exact asks for the run itself.
func (r *bulkRuns) now(ctx context.Context, item BulkItem, exact bool) (workflow.Run, error) {
	if len(r.items) > fewRuns && !exact {
		run, ok, err := r.listed(ctx, item)
		if ok || err != nil {
			return run, err
		}
	}
	return r.s.DescribeRun(ctx, item.RunARN)
}

func (r *bulkRuns) listed(ctx context.Context, item BulkItem) (workflow.Run, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.read) > freshFor {
		r.runs = map[string]workflow.Run{}
		if err := r.list(ctx); err != nil {
			return workflow.Run{}, false, err
		}
		r.read = time.Now()
	}
	run, ok := r.runs[item.RunARN]
	return run, ok, nil
}

// list reads the runs of the items' machines in the items' statuses, back to
// the oldest item of each.
func (r *bulkRuns) list(ctx context.Context) error {
	oldest := map[RunQuery]time.Time{}
	for _, i := range r.items {
		q := RunQuery{MachineARN: workflow.MachineARNOf(i.RunARN), Status: i.Status, Limit: 1000}
		if t, ok := oldest[q]; !ok || i.Started.Before(t) {
			oldest[q] = i.Started
		}
	}
	for q, oldest := range oldest {
		for range mostPages {
			page, err := r.s.ports.Runs.ListRuns(ctx, q)
			if err != nil {
				return err
			}
			for _, run := range page.Runs {
				r.runs[run.ARN] = run
			}
			last := len(page.Runs) - 1
			if q.Page = page.Next; page.Next == "" || last >= 0 && page.Runs[last].Started.Before(oldest) {
				break
			}
		}
	}
	return nil
}

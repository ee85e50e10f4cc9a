package screen

import (
	"cmp"
	"slices"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// bulkVerb is how the console speaks of a bulk action.
type bulkVerb struct {
	does, done string
	one, many  string // what an item is
	// operation is the API of the Step Functions whose share of the quota sets the pace.
	operation string
}

var bulkVerbs = map[ops.BulkAction]bulkVerb{
	ops.BulkRedrive:   {"Redrive", "redriven", "run", "runs", "RedriveExecution"},
	ops.BulkStop:      {"Stop", "stopped", "run", "runs", "StopExecution"},
	ops.BulkClone:     {"Clone", "cloned", "run", "runs", "StartExecution"},
	ops.BulkFailToken: {"Fail", "answered", "token", "tokens", "SendTaskFailure"},
}

func (v bulkVerb) count(n int) safe.Text {
	return safe.Linef("%s %s", safe.Count(n), plural(n, v.one, v.many))
}

// bulkRate is the pace of an action; without quotas only the session's own holds.
func (c *Console) bulkRate(action ops.BulkAction) ops.Rate {
	if c.Share == nil {
		return ops.Rate{}
	}
	burst, perSecond := c.Share("SFN", bulkVerbs[action].operation)
	return ops.Rate{Burst: burst, PerSecond: perSecond}
}

// pacing tells the rate, and about how long n items take.
func pacing(r ops.Rate, n int) safe.Text {
	if r.PerSecond <= 0 {
		return safe.Line("as fast as AWS answers")
	}
	least := r.Time(n)
	if least == 0 {
		return safe.Line("all of them without a wait: a moment")
	}
	return safe.Linef("the first %.4g without a wait, then %.4g a second: about %s", r.Burst, r.PerSecond, safe.Duration(least))
}

// bulkTerms tell what goes with the request.
func bulkTerms(r ops.BulkRequest) []safe.Text {
	var terms []safe.Text
	add := func(label, value string) {
		if value != "" {
			terms = append(terms, safe.Linef("%s: %s", label, value))
		}
	}
	switch r.Action {
	case ops.BulkStop:
		add("cause", r.Cause)
		if r.StopTasks {
			terms = append(terms, safe.Line("their tasks are stopped too"))
		} else {
			terms = append(terms, safe.Line("their tasks go on working"))
		}
	case ops.BulkClone:
		if r.Overrides.Empty() && r.Merge == "" {
			terms = append(terms, safe.Line("each starts again with the input it had"))
		}
		add("put over each input", r.Merge)
		add("changed", briefOverrides(r.Overrides).String())
	case ops.BulkFailToken:
		add("error", cmp.Or(r.Error, "what ECS says of each task"))
		add("cause", cmp.Or(r.Cause, "what ECS says of each task"))
		add("why", r.Why)
		if r.StopTasks {
			terms = append(terms, safe.Line("tasks that still work are stopped"))
		}
	}
	return terms
}

// reasonsLeftOut counts what is left out by reason, the most frequent first.
func reasonsLeftOut(excluded []ops.Excluded) []safe.Text {
	count := map[safe.Text]int{}
	for _, x := range excluded {
		count[x.Reason]++
	}
	reasons := make([]safe.Text, 0, len(count))
	for reason := range count {
		reasons = append(reasons, reason)
	}
	slices.SortFunc(reasons, func(a, b safe.Text) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a.String(), b.String()))
	})
	for i, reason := range reasons {
		reasons[i] = safe.Linef("%s %s", safe.Count(count[reason]), reason)
	}
	return reasons
}

func runsOf(rows []*runRow) []workflow.Run {
	runs := make([]workflow.Run, len(rows))
	for i, row := range rows {
		runs[i] = row.run
	}
	return runs
}

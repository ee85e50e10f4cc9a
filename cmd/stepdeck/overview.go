package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// An overview reads the last runs of so many machines: ListExecutions has the smallest quota of
// all (AWS: a bucket of 100, refilled with 2 a second).
const (
	overviewMachines = 25
	overviewRuns     = 10
)

// readAtOnce is how many calls are made at a time.
const readAtOnce = 4

type overviewItem struct {
	machineView
	// Status is the last run's; empty when there was none.
	Status workflow.Status `json:"status,omitempty"`
	Runs   []runView       `json:"lastRuns"`
	runs   []workflow.Run
	empty  safe.Text // why there are no runs
	err    error
}

// overview shows each machine with its last runs.
func (a *app) overview(c *cobra.Command, _ []string) error {
	s, err := a.service(c.Context())
	if err != nil {
		return err
	}
	list, err := s.ListMachines(c.Context(), "", 0)
	if err != nil {
		return err
	}
	items := a.lastRuns(c.Context(), s, list.Machines)
	out := listing{
		head:  []string{"MACHINE", "LAST RUN", "STATUS", "STARTED", "TOOK", "LAST " + fmt.Sprint(overviewRuns)},
		items: items, empty: "There is no state machine in this account and region.",
		more: a.placed("runs MACHINE").String() + " lists its runs; stepdeck --help shows all commands.",
	}
	for _, item := range items {
		if item.err != nil {
			return item.err
		}
		out.names = append(out.names, item.Name.String())
		out.rows = append(out.rows, a.overviewRow(item))
	}
	return a.printList(out)
}

// lastRuns reads the newest runs of the first machines; of the others only the name is shown.
func (a *app) lastRuns(ctx context.Context, s *ops.Service, machines []workflow.Machine) []overviewItem {
	items := make([]overviewItem, len(machines))
	var asked []*overviewItem
	for i, m := range machines {
		item := &items[i]
		item.machineView, item.Runs = viewMachine(m), []runView{}
		if m.Type == workflow.Express {
			item.empty = safe.Line("Express: AWS lists no runs")
			continue
		}
		if i >= overviewMachines {
			item.empty = safe.Linef("not read: %s", a.placed("runs "+m.Name.String()))
			continue
		}
		item.empty = safe.Line("none")
		asked = append(asked, item)
	}
	forEach(asked, func(item *overviewItem) {
		var list ops.RunList
		list, item.err = s.ListRuns(ctx, ops.RunFilter{MachineARN: item.ARN, Limit: overviewRuns})
		item.runs = list.Runs
		for _, r := range list.Runs {
			item.Runs = append(item.Runs, viewRun(r, nil, a.now()))
		}
		if len(list.Runs) > 0 {
			item.Status = list.Runs[0].Status
		}
	})
	return items
}

// forEach calls f for every item, readAtOnce at a time, and waits for all.
func forEach[T any](items []T, f func(T)) {
	slots := make(chan struct{}, readAtOnce)
	var wg sync.WaitGroup
	for _, item := range items {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			f(item)
		})
	}
	wg.Wait()
}

func (a *app) overviewRow(item overviewItem) []cell {
	row := cells(item.Name)
	if len(item.runs) == 0 {
		return append(row, cell{text: item.empty})
	}
	last := item.runs[0]
	row = append(row, cell{text: last.Name}, a.status(last.Status),
		cell{text: clockTime(last.Started, a.now())}, cell{text: safe.Duration(last.Duration(a.now()))})
	return append(row, cell{text: strip(item.runs)})
}

// strip counts the runs by what people ask for: how many went well, failed, run.
func strip(runs []workflow.Run) safe.Text {
	var good, bad, open int
	for _, r := range runs {
		switch {
		case r.Status == workflow.Succeeded:
			good++
		case r.Status.Bad():
			bad++
		default:
			open++
		}
	}
	return safe.Linef("%d ok, %d failed, %d running", good, bad, open)
}

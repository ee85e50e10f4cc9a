package main

import (
	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/safe"
)

func newMachinesCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "machines",
		Short:   "List the state machines",
		Example: "  stepdeck machines --output name",
		Args:    cobra.NoArgs,
		RunE:    a.listMachines,
	}
}

func (a *app) listMachines(c *cobra.Command, _ []string) error {
	s, err := a.service(c.Context())
	if err != nil {
		return err
	}
	list, err := s.ListMachines(c.Context(), "", 0)
	if err != nil {
		return err
	}
	out := listing{
		head:  []string{"NAME", "TYPE", "CREATED"},
		empty: "There is no state machine in this account and region.",
	}
	items := make([]machineView, 0, len(list.Machines))
	for _, m := range list.Machines {
		items = append(items, viewMachine(m))
		out.names = append(out.names, m.Name.String())
		out.rows = append(out.rows, cells(m.Name, safe.Line(string(m.Type)), clockTime(m.Created, a.now())))
	}
	out.items = items
	return a.printList(out)
}

package screen

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

// overMachines reads something of each Standard machine, one after the other,
// so that the first rows are there after few calls whatever the number of
// machines. read has its own deadline each time.
func overMachines[T any](c *Console, s *tui.Scope, key string, read func(context.Context, workflow.Machine) T) tea.Cmd {
	return tui.Stream(s, key, func(ctx context.Context) (<-chan T, error) {
		listing, cancel := context.WithTimeout(ctx, loadLimit)
		defer cancel()
		machines, err := c.ListMachines(listing, "", 0)
		if err != nil {
			return nil, err
		}
		out := make(chan T)
		go func() {
			defer close(out)
			for _, m := range machines.Machines {
				if m.Type == workflow.Express {
					continue
				}
				select {
				case out <- bounded(ctx, m, read):
				case <-ctx.Done():
					return
				}
			}
		}()
		return out, nil
	})
}

func bounded[T any](ctx context.Context, m workflow.Machine, read func(context.Context, workflow.Machine) T) T {
	ctx, cancel := context.WithTimeout(ctx, loadLimit)
	defer cancel()
	return read(ctx, m)
}

package screen

import (
	"context"
	"sync"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

// overMachines reads something of each Standard machine, one after the other,
// and brings it as a Batch[T]. It rests while nobody can see the screen, and
// goes on then with the machines that it has not read.
func overMachines[T any](c *Console, s *tui.Scope, key string, read func(context.Context, workflow.Machine) T) tea.Cmd {
	var r round
	return tui.Live(s, key, func(ctx context.Context) (<-chan T, error) {
		if err := r.list(ctx, c); err != nil {
			return nil, err
		}
		out := make(chan T)
		go func() {
			defer close(out)
			for {
				m, ok := r.take()
				if !ok {
					return
				}
				item := bounded(ctx, m, read)
				if !sent(ctx, out, item) {
					r.giveBack(m)
					return
				}
			}
		}()
		return out, nil
	})
}

// round is the machines that a reading has still before it. A stream that was
// ended may give one back while the next is under way.
type round struct {
	mu     sync.Mutex
	listed bool
	left   []workflow.Machine
}

// list asks for the machines, once a round.
func (r *round) list(ctx context.Context, c *Console) error {
	r.mu.Lock()
	listed := r.listed
	r.mu.Unlock()
	if listed {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, loadLimit)
	defer cancel()
	machines, err := c.ListMachines(ctx, "", 0)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.listed {
		return nil
	}
	r.listed = true
	for _, m := range machines.Machines {
		if m.Type != workflow.Express {
			r.left = append(r.left, m)
		}
	}
	return nil
}

func (r *round) take() (m workflow.Machine, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.left) == 0 {
		return m, false
	}
	m, r.left = r.left[0], r.left[1:]
	return m, true
}

func (r *round) giveBack(m workflow.Machine) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left = append([]workflow.Machine{m}, r.left...)
}

func bounded[T any](ctx context.Context, m workflow.Machine, read func(context.Context, workflow.Machine) T) T {
	ctx, cancel := context.WithTimeout(ctx, loadLimit)
	defer cancel()
	return read(ctx, m)
}

// sent delivers an item unless ctx has ended: what was read then is cut short.
func sent[T any](ctx context.Context, out chan<- T, item T) bool {
	if ctx.Err() != nil {
		return false
	}
	select {
	case out <- item:
		return true
	case <-ctx.Done():
		return false
	}
}

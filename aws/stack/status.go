package stack

import (
	"context"
)

// State is a stack with what there is to know of it.
type State struct {
	Stack     Stack
	Resources []Resource
	Image     string // the image that its tasks run; empty before the first push
	// Last is the newest operation's progress; its Failed tells why the stack was rolled back.
	Last Progress
	// Way is set for a status that needs something done.
	Way *WayOut
}

// Status tells what there is to know of a stack of ours.
func (s *Service) Status(ctx context.Context, name string) (State, error) {
	st, err := s.find(ctx, name)
	if err != nil {
		return State{}, err
	}
	out := State{Stack: st, Image: st.Parameter(imageParameter), Way: StuckState(st.Name, st.Status)}
	if st.Status == ReviewInProgress {
		return out, nil
	}
	if st.Drift == Drifted {
		// Where its parts cannot be read, the whole is as AWS tells it.
		if drifts, err := s.ports.Stacks.ResourceDrifts(ctx, st.ID); err == nil {
			out.Stack.Drift = driftOf(st.Drift, drifts)
		}
	}
	if out.Resources, err = s.ports.Stacks.Resources(ctx, st.ID); err != nil {
		return State{}, err
	}
	o := &operation{service: s, stack: st}
	if err := o.load(ctx); err != nil {
		return State{}, err
	}
	out.Last = progressOf(st, o.events)
	return out, nil
}

// Outputs are a stack's outputs, in AWS's order.
func (s *Service) Outputs(ctx context.Context, name string) ([]Output, error) {
	st, err := s.find(ctx, name)
	return st.Outputs, err
}

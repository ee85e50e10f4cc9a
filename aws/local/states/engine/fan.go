package engine

import (
	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
	"github.com/stepdeck/stepdeck/aws/local/states/history"
)

// mapWidth is how many iterations of an inline Map run at once at most.
const mapWidth = 40

// branchFailed is a name that the failure of a Parallel state can be caught by.
const branchFailed = "States.BranchFailed"

// fanOut starts the branches or iterations of the frame's state.
func (r *Run) fanOut(f *frame) {
	f.Restart = false
	if f.state().Type == asl.Parallel {
		r.startBranches(f)
		return
	}
	r.startMap(f)
}

func (r *Run) startBranches(f *frame) {
	state := f.state()
	input, err := state.Arguments(r.scope(f), f.Raw.v)
	if err != nil {
		r.fault(f, err)
		return
	}
	r.step(f, history.ParallelStateStarted, history.Details{})
	r.spread(f, len(state.Branches), 0)
	for i, branch := range state.Branches {
		child := f.newChild(branch, i)
		child.Raw = value{jsonv.Clone(input)}
		r.touch(child)
		r.push(child)
	}
	f.Fan.Next = f.Fan.Total
}

func (r *Run) startMap(f *frame) {
	state := f.state()
	if state.Distributed {
		r.fault(f, &asl.Fault{
			Name: asl.ErrRuntime, HasCause: true, Prefix: true,
			Cause: "Local AWS carries out Map states of mode INLINE only.",
		})
		return
	}
	items, err := state.Items(r.scope(f), f.Raw.v)
	if err != nil {
		r.fault(f, err)
		return
	}
	width, err := state.Concurrency(r.scope(f), f.Raw.v)
	if err != nil {
		r.fault(f, err)
		return
	}
	if width <= 0 || width > mapWidth {
		width = mapWidth
	}
	r.step(f, history.MapStateStarted, history.Details{MapStarted: &history.Length{Length: len(items)}})
	r.spread(f, len(items), width)
	f.items = items
	r.widen(f, f.Last)
}

func (r *Run) spread(f *frame, total, width int) {
	f.Phase = fanned
	f.Fan = &fan{ID: f.Last, Total: total, Width: width}
	f.children = make([]*frame, total)
	r.touch(f)
}

// widen begins as many further iterations as may run, and ends the state when
// nothing is left to do.
func (r *Run) widen(f *frame, previous int64) {
	for f.Fan.Next < f.Fan.Total && f.running() < f.Fan.Width {
		if !r.startIteration(f, f.Fan.Next, previous) {
			return
		}
	}
	for _, child := range f.children {
		if child == nil || child.Phase != done {
			return
		}
	}
	r.finish(f)
}

// startIteration begins one iteration; false when its input cannot be evaluated.
func (r *Run) startIteration(f *frame, index int, previous int64) bool {
	state := f.state()
	if f.items == nil {
		items, err := state.Items(r.scope(f), f.Raw.v)
		if err != nil {
			r.fault(f, err)
			return false
		}
		f.items = items
	}
	over := &item{Index: index, Value: value{f.items[index]}}
	sc := r.scope(f)
	sc.Context.Set("Map", mapContext(over))
	input, err := state.ItemInput(sc, f.Raw.v, index, f.items[index])
	if err != nil {
		r.fault(f, err)
		return false
	}
	child := f.newChild(state.Processor, index)
	child.Item, child.Raw = over, value{jsonv.Clone(input)}
	child.Last = r.emit(history.MapIterationStarted, previous, history.Details{IterationStarted: iteration(f, child)})
	f.Fan.Next++
	r.touch(f)
	r.touch(child)
	r.push(child)
	return !r.record.Closed()
}

func iteration(f, child *frame) *history.Iteration {
	return &history.Iteration{Name: f.State, Index: child.Item.Index}
}

// childDone goes on after a branch or iteration has its output.
func (r *Run) childDone(f, child *frame) {
	if f.Phase != fanned {
		return
	}
	f.Last = child.Last
	if f.state().Type == asl.Map {
		r.step(f, history.MapIterationSucceeded, history.Details{IterationSucceeded: iteration(f, child)})
	}
	r.touch(f)
	r.widen(f, child.Last)
}

// finish leaves the state with the outputs of its children. The event that
// tells of the success stands beside the chain: none points at it.
func (r *Run) finish(f *frame) {
	state := f.state()
	succeeded := history.ParallelStateSucceeded
	if state.Type == asl.Map {
		succeeded = history.MapStateSucceeded
	}
	r.emit(succeeded, f.Last, history.Details{})
	outcome, err := state.Result(r.scope(f), f.Raw.v, f.outputs())
	r.leave(f, state.Next, outcome, err)
}

// childFailed fails the state because a branch or iteration of it failed.
func (r *Run) childFailed(f, child *frame, why *failure) {
	if f.Phase != fanned {
		return
	}
	at := child.Last
	inMap := f.state().Type == asl.Map
	if inMap {
		r.emit(history.MapIterationFailed, at, history.Details{IterationFailed: iteration(f, child)})
	}
	r.cutOff(f, at)
	if child.state().Type == asl.Task {
		r.emit(history.StateAborted(asl.Task), at, history.Details{})
	}
	f.Last = at
	above := *why
	above.child, above.also = true, ""
	if !inMap {
		above.also = branchFailed
	}
	r.stateFailed(f, &above)
}

// fanFailed writes that a Parallel or Map state failed for good. A fault that
// nothing may catch ends the run without it.
func (r *Run) fanFailed(f *frame, why *failure) {
	if !why.catchable && !why.child {
		return
	}
	switch f.state().Type {
	case asl.Parallel:
		r.step(f, history.ParallelStateFailed, history.Details{})
	case asl.Map:
		r.step(f, history.MapStateFailed, history.Details{})
	}
}

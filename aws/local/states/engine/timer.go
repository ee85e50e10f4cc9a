package engine

import "time"

// moved makes everything that was meant for the frame's earlier moments late.
func (f *frame) moved() {
	f.turn++
	if f.stop != nil {
		f.stop()
		f.stop = nil
	}
}

// at runs do at the instant, unless the frame moves on before.
func (r *Run) at(f *frame, when time.Time, do func()) {
	f.moved()
	turn := f.turn
	f.stop = r.engine.after(max(0, when.Sub(r.engine.now())), func() {
		r.locked(func() {
			if f.turn == turn {
				do()
			}
		})
	})
}

// letGo drops what the frame waits for: timers, its token, the job of a Sync task.
func (r *Run) letGo(f *frame) {
	f.moved()
	r.closeTask(f)
}

// resumeFrame takes up a frame of a run that was loaded.
func (r *Run) resumeFrame(f *frame) {
	switch f.Phase {
	case entering, ready:
		r.push(f)
	case waiting, backoff:
		r.at(f, f.Until, func() { r.wake(f) })
	case calling:
		r.armTask(f)
		r.call(f)
	case open:
		r.armTask(f)
		r.watch(f)
	case fanned:
		r.widen(f, f.Last)
	}
}

// wake goes on after a wait or the interval before a retry.
func (r *Run) wake(f *frame) {
	if f.Phase == waiting {
		r.leaveWait(f)
		return
	}
	f.Phase = ready
	r.touch(f)
	r.push(f)
}

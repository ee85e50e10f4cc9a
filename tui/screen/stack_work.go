package screen

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/tui"
)

// stackWork is one piece of work on the stack or its image.
type stackWork struct {
	title string    // in the breadcrumbs
	badge string    // in the header, once the screen is left
	what  safe.Text // in sentences
	total int       // resources that it is to touch; 0 where that is not known
	// lasting work goes on when its screen is left; other work only watches.
	lasting bool
	// do works, tells n of it, and says what is to be said of its success.
	do func(ctx context.Context, n *workNews) (safe.Text, error)
	// then follows the success of lasting work, also when its screen was left.
	then func()
}

// workState is how far a piece of work is.
type workState struct {
	progress       stack.Progress
	lines          []safe.Text
	sent, total    int64
	done           bool
	said           safe.Text
	err            error
	touched, ended int // resources
}

// workNews hands the newest state of work to who looks at it. One goroutine at a time tells it.
type workNews struct {
	state   workState
	newest  chan workState // holds one, that was not taken yet
	publish func(workState)
}

func (n *workNews) tell() {
	select {
	case <-n.newest:
	default:
	}
	n.newest <- n.state
	if n.publish != nil {
		n.publish(n.state)
	}
}

func (n *workNews) step(p stack.Progress) {
	n.state.progress, n.state.touched, n.state.ended = p, len(p.Resources), 0
	for _, r := range p.Resources {
		if !r.Ended.IsZero() {
			n.state.ended++
		}
	}
	n.tell()
}

func (n *workNews) line(text safe.Text) {
	n.state.lines = append(n.state.lines, text)
	n.tell()
}

func (n *workNews) sent(done, total int64) {
	n.state.sent, n.state.total = done, total
	n.tell()
}

// watcher is told of an image that is made.
func (n *workNews) watcher() image.Watcher { return image.Watcher{Line: n.line, Sent: n.sent} }

// run does the work and tells its end.
func (n *workNews) run(ctx context.Context, w stackWork) {
	defer close(n.newest)
	said, err := w.do(ctx, n)
	n.state.done, n.state.said, n.state.err = true, said, err
	n.tell()
}

// workScreen shows work on the stack while it goes on.
type workScreen struct {
	c     *Console
	s     *tui.Scope
	work  stackWork
	now   workState
	sheet sheet
	began time.Time
}

func newStackWork(c *Console, w stackWork) tui.Screen { return &workScreen{c: c, work: w} }

func (x *workScreen) Title() string   { return x.work.title }
func (x *workScreen) Capturing() bool { return false }

func (x *workScreen) Open(s *tui.Scope) tea.Cmd {
	x.s, x.began = s, s.Clock.Now()
	news := &workNews{newest: make(chan workState, 1)}
	follow := func(ctx context.Context) (<-chan workState, error) {
		if !x.work.lasting {
			go news.run(ctx, x.work)
		}
		return news.newest, nil
	}
	cmds := []tea.Cmd{tui.Stream(s, "work", follow), tui.After(s, "beat", time.Second)}
	if x.work.lasting {
		cmds = append(cmds, tui.Background(s, func(ctx context.Context, tell func(safe.Text)) (tui.ToastKind, safe.Text) {
			news.publish = func(st workState) { tell(x.work.badgeOf(st)) }
			tell(safe.Line(x.work.badge))
			news.run(ctx, x.work)
			return x.work.outcome(news.state)
		}, func() {
			if news.state.err == nil && x.work.then != nil {
				x.work.then()
			}
		}))
	}
	return tea.Batch(cmds...)
}

// badgeOf is how far the work is, for the header.
func (w stackWork) badgeOf(st workState) safe.Text {
	switch {
	case st.total > 0:
		return safe.Linef("%s %d%%", w.badge, 100*st.sent/st.total)
	case st.touched > 0:
		return safe.Linef("%s %d/%d", w.badge, st.ended, max(st.touched, w.total))
	}
	return safe.Line(w.badge)
}

// outcome is what is told once the work has ended, wherever the user is.
func (w stackWork) outcome(st workState) (tui.ToastKind, safe.Text) {
	var detached *stack.Detached
	switch {
	case errors.As(st.err, &detached):
		return tui.Warn, safe.Linef("%s goes on in AWS", w.what)
	case st.err != nil:
		return tui.Fail, safe.Linef("%s: %s", w.what, briefly(st.err))
	case !st.said.Empty():
		return tui.Done, safe.Linef("%s: %s", w.what, st.said)
	}
	return tui.Done, safe.Linef("%s is done", w.what)
}

func (x *workScreen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tui.Batch[workState]:
		if len(msg.Items) > 0 {
			x.now = msg.Items[len(msg.Items)-1]
		}
	case tui.Tick:
		if !x.now.done {
			return tui.After(x.s, "beat", time.Second)
		}
	case tea.KeyPressMsg:
		x.sheet.key(msg.String())
	}
	return nil
}

// Actions are none but leaving: what is under way goes on.
func (x *workScreen) Actions() []tui.Action { return nil }

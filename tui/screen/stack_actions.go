package screen

import (
	"context"
	"errors"
	"maps"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/tui"
)

// Actions are what can be done with the stack now, and else why not.
func (x *stackScreen) Actions() []tui.Action {
	if x.s == nil {
		return nil
	}
	actions := []tui.Action{
		{ID: tui.KeyPlan, Disabled: x.noPlan(), Run: x.plan},
		{ID: tui.KeyWayOut, Disabled: x.noWayOut(), Run: x.wayOut},
		{ID: tui.KeyWatch, Disabled: x.noWatch(), Run: x.watch},
		{ID: tui.KeyImage, Disabled: x.noBuild(), Run: x.build},
		{ID: tui.KeySecret, Run: x.secret},
		{ID: tui.KeyDrift, Disabled: x.noStack(), Run: x.detectDrift},
		{ID: tui.KeyDelete, Disabled: x.noDelete(), Run: x.remove},
		{ID: tui.KeyTab},
		{ID: tui.KeyNextPane},
		{ID: tui.KeyPrevPane},
	}
	switch x.tab {
	case tabParameters:
		actions = append(actions, tui.Action{ID: tui.KeyOpen, Disabled: x.noParameter(), Run: x.edit})
	case tabImage:
		actions = append(actions, tui.Action{ID: tui.KeyOpen, Disabled: x.noNewest(), Run: x.deployNewest})
	}
	return append(actions, tui.Action{ID: tui.KeyRefresh, Run: renewing(x.c, x.err, x.reload)})
}

// noStack is why nothing can be done with a stack that exists.
func (x *stackScreen) noStack() string {
	switch {
	case x.absent:
		return "there is no stack " + x.kit.Name + " yet"
	case x.state == nil:
		return "the stack has not been read yet"
	}
	return ""
}

// stays is why a change has to wait.
func (x *stackScreen) stays() string {
	if x.state != nil && x.state.Stack.Status.Moving() {
		return "AWS is at work on the stack (" + string(x.state.Stack.Status) + "); w watches"
	}
	return ""
}

func (x *stackScreen) noPlan() string {
	switch {
	case x.s.Busy("plan"):
		return "a plan is being made"
	case x.absent:
		return ""
	case x.state == nil:
		return x.noStack()
	case x.stays() != "":
		return x.stays()
	case x.state.Way != nil && x.state.Way.Do != stack.RemedyDeploy:
		return x.state.Way.Sentence.String()
	}
	return ""
}

func (x *stackScreen) noWayOut() string {
	switch {
	case x.noStack() != "":
		return x.noStack()
	case x.stays() != "":
		return x.stays()
	case x.state.Way == nil:
		return "the stack is not stuck"
	}
	return ""
}

func (x *stackScreen) noWatch() string {
	switch {
	case x.noStack() != "":
		return x.noStack()
	case x.stays() == "":
		return "nothing is done to the stack now"
	}
	return ""
}

func (x *stackScreen) noDelete() string {
	if none := x.noStack(); none != "" {
		return none
	}
	return x.stays()
}

func (x *stackScreen) noBuild() string {
	switch {
	case x.kit.Make == nil:
		return "nothing can be built here; use stepdeck image push"
	case x.repository() == "":
		return "there is no repository to push to yet: U plans the stack, which has one"
	}
	return ""
}

func (x *stackScreen) noNewest() string {
	switch {
	case x.image == nil || x.image.Newest == nil:
		return "no image has been pushed"
	case !x.image.Outdated():
		return "the newest image is deployed"
	}
	return x.noPlan()
}

// plan has a plan made; for a first deployment it asks what is to become of leftovers.
func (x *stackScreen) plan() tea.Cmd {
	if !x.absent {
		return x.makePlan(false)
	}
	return tui.Ask(&tui.Choice{
		Title: safe.Linef("Plan the first deployment of stack %s", x.kit.Name),
		Options: []tui.Option{
			{Label: safe.Line("make everything new"), Help: safe.Line("it fails where a repository or a bucket of its names exists")},
			{Label: safe.Line("take in what an earlier stack left"), Help: safe.Line("a deleted stack of this name keeps its repository and its bucket")},
		},
		Then: func(r tui.Result) tea.Cmd {
			if !r.OK {
				return nil
			}
			return x.makePlan(r.Choice == 1)
		},
	})
}

// makePlan has the checks and a change set made.
func (x *stackScreen) makePlan(adopt bool) tea.Cmd {
	x.refused = nil
	request := stack.Request{Stack: x.kit.Name, Source: x.kit.Source, Parameters: maps.Clone(x.pending), Adopt: adopt}
	return tui.Load(x.s, "plan", planLimit, func(ctx context.Context) (*stack.Plan, error) {
		return x.kit.Stacks.Plan(ctx, request)
	})
}

// planned opens the plan, also one that the checks refuse.
func (x *stackScreen) planned(p *stack.Plan, err error) tea.Cmd {
	var refused *stack.Refused
	switch {
	case err != nil && (p == nil || !errors.As(err, &refused)):
		x.refused = err
		return nil
	case err == nil && p.Empty():
		x.pending = map[string]string{}
		x.arrange()
		return tui.Toast(tui.Done, safe.Linef("no changes: stack %s is as its template and its values say", p.Stack))
	}
	return tui.Push(newPlan(x.c, x.kit, p, func() {
		x.pending, x.imageRead = map[string]string{}, time.Time{}
		x.arrange()
	}))
}

func (x *stackScreen) deployNewest() tea.Cmd {
	x.pending["ImageUri"] = x.image.Repository + "@" + x.image.Newest.Digest
	return x.plan()
}

// wayOut does the one thing that brings a stuck stack out of its status.
func (x *stackScreen) wayOut() tea.Cmd {
	way := *x.state.Way
	switch way.Do {
	case stack.RemedyDelete:
		return x.remove()
	case stack.RemedyDeploy:
		return x.plan()
	}
	stuck := &stack.Stuck{Stack: x.kit.Name, Status: x.state.Stack.Status, Way: way}
	return tui.Ask(&tui.Confirm{
		Title: safe.Line("Go on with the rollback?"), Targets: []safe.Text{safe.Line(x.kit.Name)}, Note: []safe.Text{way.Sentence}, Yes: "go on",
		Then: ifAgreed(func() tea.Cmd {
			return tui.Push(newStackWork(x.c, stackWork{
				title: "rollback", badge: "rollback " + x.kit.Name, what: safe.Linef("the rollback of stack %s", x.kit.Name), lasting: true,
				do: func(ctx context.Context, n *workNews) (safe.Text, error) {
					return safe.Text{}, x.kit.Stacks.Recover(ctx, stuck, n.step)
				},
			}))
		}),
	})
}

// ifAgreed goes on where a dialog was answered by yes.
func ifAgreed(then func() tea.Cmd) func(tui.Result) tea.Cmd {
	return func(r tui.Result) tea.Cmd {
		if !r.OK {
			return nil
		}
		return then()
	}
}

func (x *stackScreen) watch() tea.Cmd {
	return tui.Push(newStackWork(x.c, stackWork{
		title: "watch", what: safe.Linef("stack %s", x.kit.Name),
		do: func(ctx context.Context, n *workNews) (safe.Text, error) {
			_, err := x.kit.Stacks.Watch(ctx, x.kit.Name, n.step)
			return safe.Text{}, err
		},
	}))
}

func (x *stackScreen) build() tea.Cmd {
	question := imageQuestion{
		kit: x.kit, title: safe.Line("What is the image made of?"), architecture: x.state.Stack.Parameter("CpuArchitecture"), then: x.confirmBuild,
	}
	if x.image != nil {
		question.deployed = x.image.base
	}
	return question.ask()
}

func (x *stackScreen) confirmBuild(choice *ImageChoice) tea.Cmd {
	repository := x.repository()
	return tui.Ask(&tui.Confirm{
		Title: safe.Line("Build the image and push it?"), Targets: []safe.Text{safe.Line(repository)}, Yes: "build and push",
		Note: []safe.Text{choice.said(), safe.Line("Runs go on with the image that is deployed, until a plan with the new one is.")},
		Then: ifAgreed(func() tea.Cmd { return tui.Push(newStackWork(x.c, x.building(*choice, repository))) }),
	})
}

func (x *stackScreen) building(choice ImageChoice, repository string) stackWork {
	pushed := ""
	return stackWork{
		title: "image", badge: "image", what: safe.Line("the image"), lasting: true,
		do: func(ctx context.Context, n *workNews) (safe.Text, error) {
			uri, err := x.kit.Make(choice).Push(ctx, repository, n.watcher())
			if err != nil {
				return safe.Text{}, err
			}
			pushed = uri
			return safe.Linef("pushed as %s; U on the stack plans its deployment", uri), nil
		},
		// It runs once do has returned.
		then: func() {
			x.pending["ImageUri"], x.imageRead = pushed, time.Time{}
			x.arrange()
		},
	}
}

func (x *stackScreen) detectDrift() tea.Cmd {
	x.goTo(tabDrift)
	return tui.Load(x.s, "drift", driftLimit, func(ctx context.Context) (stack.Drift, error) {
		return x.kit.Stacks.Drift(ctx, x.kit.Name)
	})
}

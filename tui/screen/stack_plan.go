package screen

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/tui"
)

// planTab is a tab of a plan.
type planTab int

const (
	tabChanges planTab = iota
	tabIAM
	tabValues
	tabChecks
)

// planScreen shows what a deployment would do, and deploys it.
type planScreen struct {
	c    *Console
	s    *tui.Scope
	kit  StackKit
	plan *stack.Plan
	// deployed follows a deployment that succeeded.
	deployed func()

	tab   planTab
	sheet sheet
}

func newPlan(c *Console, kit StackKit, p *stack.Plan, deployed func()) tui.Screen {
	x := &planScreen{c: c, kit: kit, plan: p, deployed: deployed}
	if x.blockers() > 0 {
		x.tab = tabChecks
	}
	return x
}

func (x *planScreen) Title() string   { return "plan" }
func (x *planScreen) Capturing() bool { return false }

func (x *planScreen) Open(s *tui.Scope) tea.Cmd {
	x.s = s
	return nil
}

func (x *planScreen) Update(msg tea.Msg) tea.Cmd {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	names := planTab(len(x.tabNames()))
	switch key := k.String(); {
	case key == "tab":
		x.goTo((x.tab + 1) % names)
	case key == "shift+tab":
		x.goTo((x.tab + names - 1) % names)
	case len(key) == 1 && key >= "1" && key <= "9":
		if tab := planTab(key[0] - '1'); tab < names {
			x.goTo(tab)
		}
	default:
		x.sheet.key(key)
	}
	return nil
}

func (x *planScreen) goTo(tab planTab) { x.tab, x.sheet = tab, sheet{} }

// Actions are to deploy the plan, or to leave it, which drops it.
func (x *planScreen) Actions() []tui.Action {
	if x.s == nil {
		return nil
	}
	blocked := ""
	if x.blockers() > 0 {
		blocked = "the checks stop it: esc, correct what they name, and plan again"
	}
	return []tui.Action{
		{ID: tui.KeyDeploy, Disabled: blocked, Run: x.confirm},
		{ID: tui.KeyTab},
		{ID: tui.KeyNextPane},
		{ID: tui.KeyPrevPane},
		{ID: tui.KeyBack, Run: x.drop},
		{ID: tui.KeyClose, Run: x.drop},
	}
}

func (x *planScreen) blockers() int {
	n := 0
	for _, f := range x.plan.Findings {
		if f.Severity == stack.Blocker {
			n++
		}
	}
	return n
}

// drop leaves the plan, and nothing of it in AWS.
func (x *planScreen) drop() tea.Cmd {
	if x.plan.Empty() || x.s.ReadOnly {
		return tui.Pop()
	}
	discard := tui.Do(x.s, "discard", safe.Linef("drop the plan of stack %s", x.plan.Stack), actionLimit, func(ctx context.Context) (struct{}, error) {
		x.kit.Stacks.Discard(ctx, x.plan)
		return struct{}{}, nil
	})
	return tea.Batch(discard, tui.Pop())
}

// confirm asks what the image of a stack without one is made of, and then for the deployment.
func (x *planScreen) confirm() tea.Cmd {
	if !x.plan.LacksImage() || x.kit.Make == nil {
		return x.confirmWith(nil)
	}
	return imageQuestion{
		kit: x.kit, title: safe.Linef("What is the image of stack %s made of?", x.plan.Stack), architecture: x.plan.Parameter("CpuArchitecture"),
		without: true, then: x.confirmWith,
	}.ask()
}

// confirmWith asks for the deployment with an image; for the stack's name where something that
// exists is lost.
func (x *planScreen) confirmWith(image *ImageChoice) tea.Cmd {
	p := x.plan
	question := &tui.Confirm{
		Title: safe.Linef("Deploy stack %s?", p.Stack), Targets: []safe.Text{x.counted()}, Yes: "deploy",
		Then: ifAgreed(func() tea.Cmd { return tui.Replace(newStackWork(x.c, x.deploying(image))) }),
	}
	if image != nil {
		question.Note = []safe.Text{safe.Linef("Then its image, %s, is built, pushed and deployed.", image.said())}
	}
	if p.Destroys() {
		question.Word = p.Stack
		question.Note = append(question.Note, x.losses()...)
	}
	return tui.Ask(question)
}

// losses name what exists and is replaced or deleted.
func (x *planScreen) losses() []safe.Text {
	notes := []safe.Text{safe.Line("This is lost:")}
	for _, c := range x.plan.Changes {
		if !c.Destroys() {
			continue
		}
		if len(notes) == mostNamed {
			return append(notes, safe.Line("  and more: esc, and look at the plan"))
		}
		notes = append(notes, safe.Linef("  %s (%s) %s", c.Logical, shortKind(c.Type), verbOf(c)))
	}
	return notes
}

package screen

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/tui"
)

// mostNamed bounds the resources that a question names.
const mostNamed = 6

// remove asks for the stack's name and says what is kept.
func (x *stackScreen) remove() tea.Cmd {
	return look(x.s, func(ctx context.Context) (stack.Deletion, error) {
		return x.kit.Stacks.PlanDelete(ctx, x.kit.Name)
	}, func(d stack.Deletion, err error) tea.Cmd {
		if err != nil {
			return refused(err)
		}
		notes := append(kept("kept in AWS, with what is in it:", d.Kept), kept("could not be deleted; tried again, and then kept:", d.Failed)...)
		if d.Tasks > 0 {
			notes = append(notes, safe.Linef("live tasks: %d. AWS deletes no cluster with live tasks: stop their runs first", d.Tasks))
		}
		return tui.Ask(&tui.Confirm{
			Title: safe.Linef("Delete stack %s?", d.Stack), Word: d.Stack, Yes: "delete",
			Targets: []safe.Text{safe.Linef("resources that are deleted: %d", len(d.Deleted))},
			Note:    notes,
			Then: ifAgreed(func() tea.Cmd {
				return tui.Push(newStackWork(x.c, stackWork{
					title: "delete", badge: "delete " + d.Stack, what: safe.Linef("the deletion of stack %s", d.Stack),
					total: len(d.Deleted), lasting: true,
					do: func(ctx context.Context, n *workNews) (safe.Text, error) {
						return safe.Text{}, x.kit.Stacks.Delete(ctx, d, n.step)
					},
				}))
			}),
		})
	})
}

// kept names resources that stay, a line each.
func kept(why string, resources []stack.Resource) []safe.Text {
	var notes []safe.Text
	for i, r := range resources {
		if i == 0 {
			notes = append(notes, safe.Line(why))
		}
		if i == mostNamed {
			return append(notes, safe.Linef("  and %d more", len(resources)-i))
		}
		notes = append(notes, safe.Linef("  %s %s", r.Logical, r.Physical.TruncateMiddle(50)))
	}
	return notes
}

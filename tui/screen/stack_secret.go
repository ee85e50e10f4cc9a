package screen

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/tui"
)

// secret asks which secret to set, and for its value, which is shown nowhere.
func (x *stackScreen) secret() tea.Cmd {
	type names struct{ user, password string }
	read := func(ctx context.Context) (n names, err error) {
		n.user, n.password, err = x.kit.Stacks.SecretNames(ctx, x.kit.Name)
		return n, err
	}
	return look(x.s, read, func(n names, err error) tea.Cmd {
		if err != nil {
			return refused(err)
		}
		options := []string{n.user, n.password}
		return tui.Ask(&tui.Choice{
			Title: safe.Line("Set a secret"),
			Options: []tui.Option{
				{Label: safe.Line(n.user), Help: safe.Line("the database user; tasks started from then on get it")},
				{Label: safe.Line(n.password), Help: safe.Line("the database password; tasks started from then on get it")},
			},
			Then: func(r tui.Result) tea.Cmd {
				if !r.OK {
					return nil
				}
				return x.askSecret(options[r.Choice])
			},
		})
	})
}

func (x *stackScreen) askSecret(name string) tea.Cmd {
	key := ""
	if x.state != nil {
		key = x.state.Stack.Parameter("SecretsKeyArn")
	}
	return tui.Ask(&tui.Prompt{
		Title: safe.Linef("Set %s", name), Yes: "set",
		Note: []safe.Text{safe.Line("It is kept as a SecureString. It is never shown, here or later.")},
		Fields: []tui.Field{{Label: safe.Line("value"), Hidden: true, Check: func(v string) error {
			if v == "" {
				return errors.New("a secret is not empty: type or paste its value")
			}
			return nil
		}}},
		Then: func(r tui.Result) tea.Cmd {
			if !r.OK {
				return nil
			}
			request := stack.SecretRequest{Name: name, Value: stack.NewValue(r.Values[0]), KeyID: key}
			return change(x.s, name, safe.Linef("set %s", name), func(ctx context.Context) (int64, error) {
				return x.kit.Stacks.SetSecret(ctx, request)
			}, func(version int64, err error) tea.Cmd {
				if err != nil {
					return refused(err)
				}
				return tui.Toast(tui.Done, safe.Linef("%s is set, version %d", name, version))
			})
		},
	})
}

package screen

import (
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack/template"
	"github.com/stepdeck/stepdeck/tui"
)

// parameter is the parameter under the cursor.
func (x *stackScreen) parameter() (template.Parameter, bool) {
	row, ok := x.table.Current()
	at := slices.IndexFunc(x.parameters, func(p template.Parameter) bool { return p.Name == row.name })
	if !ok || at < 0 {
		return template.Parameter{}, false
	}
	return x.parameters[at], true
}

func (x *stackScreen) noParameter() string {
	if _, ok := x.parameter(); !ok {
		return "there is no parameter under the cursor"
	}
	return ""
}

// edit asks for another value of the parameter. Nothing is sent before a plan.
func (x *stackScreen) edit() tea.Cmd {
	p, _ := x.parameter()
	value, _ := x.valueOf(p)
	if len(p.AllowedValues) > 0 {
		options := make([]tui.Option, len(p.AllowedValues))
		for i, allowed := range p.AllowedValues {
			options[i] = tui.Option{Label: safe.Line(allowed), Help: safe.Line(p.Description)}
		}
		return tui.Ask(&tui.Choice{
			Title: safe.Line(p.Name), Options: options, At: max(0, slices.Index(p.AllowedValues, value)),
			Then: func(r tui.Result) tea.Cmd {
				if r.OK {
					x.set(p, p.AllowedValues[r.Choice])
				}
				return nil
			},
		})
	}
	return tui.Ask(&tui.Prompt{
		Title: safe.Line(p.Name), Note: []safe.Text{safe.Line(p.Description)}, Yes: "keep for the next plan",
		Fields: []tui.Field{{Label: safe.Line("value"), Value: value, Check: x.checkOf(p)}},
		Then: func(r tui.Result) tea.Cmd {
			if r.OK {
				x.set(p, r.Values[0])
			}
			return nil
		},
	})
}

// checkOf says what the template would refuse of a parameter's value.
func (x *stackScreen) checkOf(p template.Parameter) func(string) error {
	return func(value string) error {
		t, err := template.Parse(x.kit.Source.Name, x.kit.Source.Body)
		if err != nil {
			return err
		}
		for _, problem := range t.Check(map[string]string{p.Name: value}) {
			if problem.Name == p.Name {
				return errors.New(problem.Text)
			}
		}
		return nil
	}
}

// set keeps a value for the next plan, or forgets it where the stack has it already.
func (x *stackScreen) set(p template.Parameter, value string) {
	delete(x.pending, p.Name)
	if had, given := x.valueOf(p); !given || had != value {
		x.pending[p.Name] = value
	}
	x.arrange()
}

package screen

import (
	"context"
	"encoding/json"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/preset"
)

// presetChange is what was done to a preset.
type presetChange struct{ done safe.Text }

// choice is an option of the presets' dialog and what choosing it does.
type choice struct {
	option tui.Option
	then   func() tea.Cmd
}

// listPresets reads the folder, and shows what is in it.
func (f *formScreen) listPresets() tea.Cmd {
	if f.mode == asFields {
		f.leaveAdd()
	}
	folder := f.console.Presets
	return tui.Load(f.scope, "presets", actionLimit, func(context.Context) (preset.List, error) {
		if folder == "" {
			return preset.List{}, noPresets()
		}
		return preset.Read(folder)
	})
}

func (f *formScreen) presetsListed(l tui.Loaded[preset.List]) tea.Cmd {
	if l.Err != nil {
		f.refused = l.Err
		return nil
	}
	list := l.Value
	list.Prefer(f.spec.Machine.Name.String())
	save := tui.Option{Label: safe.Line("save what is in the form as a preset"), Help: safe.Linef("into %s", f.console.Presets)}
	if f.fault != nil {
		save.Disabled = "the JSON has a fault; correct it first"
	}
	choices := []choice{{save, func() tea.Cmd { return f.askPresetName(list) }}}
	if f.dirty() {
		over := tui.Option{Label: safe.Line("start over"), Help: safe.Linef("drops what was typed; %s again", f.source)}
		choices = append(choices, choice{over, f.startOver})
	}
	for _, p := range list.Presets {
		choices = append(choices, choice{f.presetOption(p), func() tea.Cmd { return f.loadPreset(p) }})
	}
	for _, b := range list.Broken {
		choices = append(choices, choice{tui.Option{Label: safe.Linef("%s cannot be read", b.Name), Disabled: b.Reason.String()}, nil})
	}
	if len(list.Presets)+len(list.Broken) > 0 {
		remove := tui.Option{Label: safe.Line("delete a preset")}
		choices = append(choices, choice{remove, func() tea.Cmd { return f.askPresetToDelete(list) }})
	}
	return ask(safe.Line("Presets"), choices)
}

func ask(title safe.Text, choices []choice) tea.Cmd {
	dialog := &tui.Choice{Title: title, Then: func(r tui.Result) tea.Cmd {
		if !r.OK || choices[r.Choice].then == nil {
			return nil
		}
		return choices[r.Choice].then()
	}}
	for _, c := range choices {
		dialog.Options = append(dialog.Options, c.option)
	}
	return tui.Ask(dialog)
}

func (f *formScreen) presetOption(p preset.Preset) tui.Option {
	o := tui.Option{Label: safe.Line(p.Name), Help: safe.Line(string(p.Input))}
	if p.Machine != f.spec.Machine.Name.String() {
		o.Label = safe.Linef("%s (of %s)", p.Name, p.Machine)
	}
	return o
}

func (f *formScreen) loadPreset(p preset.Preset) tea.Cmd {
	f.replaceInput(string(p.Input))
	f.notice = safe.Linef("preset %s is loaded", p.Name)
	return nil
}

// startOver fills the form as it was at first.
func (f *formScreen) startOver() tea.Cmd {
	f.mode, f.adding = asFields, ""
	f.fill()
	f.changed()
	return nil
}

func (f *formScreen) askPresetName(list preset.List) tea.Cmd {
	return tui.Ask(&tui.Prompt{
		Title: safe.Line("Save a preset"), Yes: "save",
		Fields: []tui.Field{{Label: safe.Line("name"), Check: preset.CheckName}},
		Then: func(r tui.Result) tea.Cmd {
			switch {
			case !r.OK:
				return nil
			case list.Has(r.Values[0]):
				return f.askToReplace(r.Values[0])
			default:
				return f.savePreset(r.Values[0])
			}
		},
	})
}

func (f *formScreen) askToReplace(name string) tea.Cmd {
	return tui.Ask(&tui.Confirm{
		Title: safe.Line("Replace the preset"), Targets: []safe.Text{safe.Line(name)},
		Note: []safe.Text{safe.Line("There is one of this name; what it holds is lost.")}, Yes: "replace",
		Then: func(r tui.Result) tea.Cmd {
			if !r.OK {
				return nil
			}
			return f.savePreset(name)
		},
	})
}

func (f *formScreen) savePreset(name string) tea.Cmd {
	folder := f.console.Presets
	p := preset.Preset{Name: name, Machine: f.spec.Machine.Name.String(), Input: json.RawMessage(f.input())}
	return tui.Load(f.scope, "preset-change", actionLimit, func(context.Context) (presetChange, error) {
		return presetChange{safe.Linef("preset %s is saved", name)}, preset.Write(folder, p)
	})
}

func (f *formScreen) askPresetToDelete(list preset.List) tea.Cmd {
	var choices []choice
	add := func(name string) {
		choices = append(choices, choice{tui.Option{Label: safe.Line(name)}, func() tea.Cmd { return f.askToDelete(name) }})
	}
	for _, p := range list.Presets {
		add(p.Name)
	}
	for _, b := range list.Broken {
		add(b.Name)
	}
	return ask(safe.Line("Delete a preset"), choices)
}

func (f *formScreen) askToDelete(name string) tea.Cmd {
	folder := f.console.Presets
	return tui.Ask(&tui.Confirm{
		Title: safe.Line("Delete the preset"), Targets: []safe.Text{safe.Line(preset.Path(folder, name))}, Yes: "delete",
		Then: func(r tui.Result) tea.Cmd {
			if !r.OK {
				return nil
			}
			return tui.Load(f.scope, "preset-change", actionLimit, func(context.Context) (presetChange, error) {
				return presetChange{safe.Linef("preset %s is deleted", name)}, preset.Remove(folder, name)
			})
		},
	})
}

func (f *formScreen) presetChanged(l tui.Loaded[presetChange]) tea.Cmd {
	if l.Err != nil {
		f.refused = l.Err
		return nil
	}
	return tui.Toast(tui.Done, l.Value.done)
}

func noPresets() error {
	return &ops.Problem{Kind: ops.Usage, Title: safe.Line("there is no folder for presets"), Hint: safe.Line("set HOME or XDG_CONFIG_HOME and start again")}
}

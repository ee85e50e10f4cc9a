package screen

import (
	"strings"

	"charm.land/bubbles/v2/textarea"
	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// jsonRows is how many lines the text area takes.
const jsonRows = 9999

func newJSONArea(text string) textarea.Model {
	area := textarea.New()
	area.Prompt, area.CharLimit, area.MaxHeight = "", 0, jsonRows
	area.ShowLineNumbers = true
	area.SetStyles(textarea.Styles{})
	// Its own paste runs a program; the terminal's paste comes as a message.
	area.KeyMap.Paste.SetEnabled(false)
	area.SetValue(text)
	area.MoveToBegin()
	area.Focus()
	return area
}

// toggle changes between the fields and the JSON.
func (f *formScreen) toggle() tea.Cmd {
	if f.mode == asFields {
		f.leaveAdd()
		f.showJSON(workflow.EscapeJSON(f.form.Document().Text()))
		return nil
	}
	if f.fault != nil {
		f.goToFault()
		f.notice = safe.Line("the fields cannot be shown until this is JSON; what you typed stays")
		return nil
	}
	if _, err := workflow.ParseDocument(f.area.Value()); err != nil {
		f.notice = safe.Line(err.Error())
		return nil
	}
	f.mode = asFields
	f.focusOn(f.at)
	return nil
}

func (f *formScreen) showJSON(text string) {
	f.mode = asJSON
	if strings.Count(text, "\n") >= jsonRows {
		text = strings.ReplaceAll(text, "\n", " ") // JSON means the same in one line
	}
	f.area = newJSONArea(text)
	if f.fault != nil {
		f.goToFault()
	}
}

// goToFault puts the cursor where the text stops being JSON.
func (f *formScreen) goToFault() {
	f.area.MoveToBegin()
	for range f.fault.Line - 1 {
		f.area.CursorEnd()
		f.area.CursorDown()
	}
	f.area.SetCursorColumn(f.fault.Column - 1)
}

func (f *formScreen) jsonKey(k tea.KeyPressMsg) {
	before := f.area.Value()
	if k.String() == "tab" {
		f.area.InsertString("  ")
	} else {
		f.area, _ = f.area.Update(k)
	}
	if f.area.Value() != before {
		f.jsonEdited()
	}
}

func (f *formScreen) jsonPaste(text string) {
	text = drawable(text)
	if f.area.LineCount()+strings.Count(text, "\n") > jsonRows {
		text = strings.ReplaceAll(text, "\n", " ")
	}
	f.area.InsertString(text)
	f.jsonEdited()
}

// drawable is JSON from outside as the text area holds it unchanged.
func drawable(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", "  ").Replace(text)
	return workflow.EscapeJSON(strings.ToValidUTF8(text, "\ufffd"))
}

// replaceInput takes a whole other input, from an editor or a preset. What is
// not JSON is shown as such.
func (f *formScreen) replaceInput(text string) {
	f.take(drawable(strings.TrimRight(text, "\n")))
	f.rename()
	f.changed()
}

// jsonEdited brings the fields in step with the text as soon as it is JSON.
func (f *formScreen) jsonEdited() {
	text := f.area.Value()
	if f.fault = workflow.FindFault(text); f.fault == nil {
		f.raw = ""
		if doc, err := workflow.ParseDocument(text); err == nil {
			f.form.Load(doc)
		} else {
			f.form.Load(workflow.Document{})
			f.raw = text
		}
		f.rename()
	}
	f.changed()
}

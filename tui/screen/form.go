package screen

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os/exec"
	"slices"
	"time"

	"charm.land/bubbles/v2/textarea"
	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/preset"
)

// formMode is what of the form is on the screen.
type formMode int

const (
	asFields formMode = iota
	asJSON
	asPreview
)

// formScreen starts a run: its input as fields and as JSON, its name, and the
// preview of exactly what would be sent.
type formScreen struct {
	console *Console
	spec    FormSpec
	scope   *tui.Scope

	ground  formGround
	loadErr error
	form    *workflow.InputForm // nil until the ground is there
	// raw is the input where it is JSON without fields; the form is empty then.
	raw    string
	origin *workflow.Run // what the form was filled from
	source safe.Text     // the same in words
	start  string        // the input as it was filled in

	name   string
	named  bool   // the name was typed and stays
	suffix string // makes the name unique
	adding string // the row for new values

	mode   formMode
	at     rowAt
	line   formLine
	pick   int    // the offered value that is in the row, -1: none
	before string // what was typed before values were offered

	area  textarea.Model
	fault *workflow.Fault // of the JSON as it is typed

	wrong   []*workflow.FieldError
	notice  safe.Text // what the form has to tell besides, such as a draft that is back
	refused error     // why the last start or file did not work

	preview formPreview
	top     int // the first row that is shown

	editing editorFile // while an editor has it

	// lend gives the terminal to an editor.
	lend func(s *tui.Scope, key string, program *exec.Cmd) tea.Cmd
}

func newForm(c *Console, spec FormSpec) tui.Screen {
	return &formScreen{console: c, spec: spec, suffix: nameSuffix(), pick: -1, lend: tui.Exec}
}

// nameSuffix is drawn once a form, so that a name tried again is the same run.
func nameSuffix() string {
	b := make([]byte, 2)
	_, _ = rand.Read(b) // it does not fail
	return hex.EncodeToString(b)
}

// Title is the form's part of the breadcrumbs.
func (f *formScreen) Title() string {
	if f.spec.Like != nil {
		return "clone " + f.spec.Like.Name.String()
	}
	return "new run"
}

// Open reads what the form is made from.
func (f *formScreen) Open(s *tui.Scope) tea.Cmd {
	f.scope = s
	return f.load()
}

// Capturing reports that keys are text, in the fields and in the JSON.
func (f *formScreen) Capturing() bool { return f.form != nil && f.mode != asPreview }

// Actions are what the keys do in the mode that is shown.
func (f *formScreen) Actions() []tui.Action {
	if f.form == nil {
		return nil
	}
	if f.mode == asPreview {
		return []tui.Action{
			{ID: tui.KeyStart, Disabled: f.startBlock(), Run: f.confirm},
			{ID: tui.KeyBack, Run: f.backToForm},
			{ID: tui.KeyMove},
		}
	}
	return []tui.Action{
		{ID: tui.KeySubmit, Run: f.submit},
		{ID: tui.KeyNextField},
		{ID: tui.KeyJSON, Run: f.toggle},
		{ID: tui.KeyEditor, Run: f.edit},
		{ID: tui.KeyPreset, Run: f.listPresets},
		{ID: tui.KeyBack, Run: f.leave},
	}
}

// Update takes keys, pastes and the answers of the form's own work.
func (f *formScreen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return f.key(msg)
	case tea.PasteMsg:
		f.paste(msg.Content)
	case tui.Loaded[formGround]:
		return f.landed(msg)
	case tui.Tick:
		return f.load()
	case tui.Loaded[workflow.Run]:
		return f.started(msg)
	case tui.Loaded[editorFile]:
		return f.editorReady(msg)
	case tui.Loaded[struct{}]:
		return f.editorEnded(msg)
	case tui.Loaded[edited]:
		f.editorRead(msg)
	case tui.Loaded[preset.List]:
		return f.presetsListed(msg)
	case tui.Loaded[presetChange]:
		return f.presetChanged(msg)
	}
	return nil
}

func (f *formScreen) key(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case f.form == nil:
	case f.mode == asPreview:
		f.preview.key(k)
	case f.mode == asJSON:
		f.jsonKey(k)
	default:
		return f.fieldKey(k)
	}
	return nil
}

func (f *formScreen) paste(text string) {
	switch {
	case f.form == nil || f.mode == asPreview:
	case f.mode == asJSON:
		f.jsonPaste(text)
	default:
		f.fieldPaste(text)
	}
}

// fieldPaste puts text into the row so that it means what was pasted.
func (f *formScreen) fieldPaste(text string) {
	field := workflow.InputField{Kind: workflow.FieldText}
	if f.at.kind == rowField {
		field = f.form.Fields()[f.at.field].InputField
	}
	at := f.line.input.Position()
	before := len([]rune(f.line.text()))
	f.typed(field.Splice(f.line.text(), at, text))
	if after := len([]rune(f.line.text())); after > before {
		f.line.input.SetCursor(at + after - before)
	}
	f.pick = -1
}

// input is exactly what would be sent.
func (f *formScreen) input() string {
	if f.raw != "" {
		return f.raw
	}
	return f.form.Document().Compact()
}

// take puts an input into the form. JSON without fields is shown as JSON.
func (f *formScreen) take(input string) {
	f.fault = workflow.FindFault(input)
	if f.fault != nil {
		f.showJSON(input)
		return
	}
	doc, err := workflow.ParseDocument(input)
	if f.raw = ""; err != nil {
		f.raw = input
		f.form.Load(workflow.Document{})
		f.showJSON(input)
		return
	}
	f.form.Load(doc)
	if f.mode == asJSON {
		f.showJSON(workflow.EscapeJSON(doc.Text()))
	}
	f.focusOn(f.at)
}

// rename makes the run's name again from its arguments, unless it was typed.
func (f *formScreen) rename() {
	if f.named {
		return
	}
	args := workflow.OverridesOf(f.input()).Args
	if !f.ground.managed {
		args = []string{f.spec.Machine.Name.String()}
	}
	f.name = workflow.MakeRunName(args, f.scope.Clock.Now(), f.suffix)
}

// changed is called after every change of what was typed.
func (f *formScreen) changed() {
	f.refused, f.notice = nil, safe.Text{}
	f.check()
	f.keepDraft()
}

// check finds all that is wrong with what was typed.
func (f *formScreen) check() {
	f.wrong = nil
	if err := workflow.CheckRunName(f.name); err != nil {
		f.wrong = append(f.wrong, &workflow.FieldError{Field: "name", Reason: reasonOf(err)})
	}
	if f.raw == "" {
		f.wrong = append(f.wrong, f.form.Check()...)
	}
	if f.ground.managed && f.raw == "" {
		f.wrong = append(f.wrong, workflow.CheckManagedInput(f.form.Document())...)
	}
	if f.ground.managed && f.raw != "" {
		f.wrong = append(f.wrong, &workflow.FieldError{Field: "input", Reason: "the machine takes a JSON object such as {}"})
	}
	if _, _, err := f.added(); err != nil {
		f.wrong = append(f.wrong, &workflow.FieldError{Field: "add", Reason: reasonOf(err)})
	}
	if n := len(f.input()); n > workflow.MaxInput {
		reason := fmt.Sprintf("%s bytes are more than the %s that AWS takes; put large data into S3 and pass its key", safe.Count(n), safe.Count(workflow.MaxInput))
		f.wrong = append(f.wrong, &workflow.FieldError{Field: "input", Reason: reason})
	}
}

// problem is what is wrong with a row, or "".
func (f *formScreen) problem(at rowAt) string {
	label := f.rowLabel(at)
	i := slices.IndexFunc(f.wrong, func(e *workflow.FieldError) bool { return e.Field == label })
	if i < 0 {
		return ""
	}
	return f.wrong[i].Reason
}

func reasonOf(err error) string {
	if e, ok := err.(*workflow.FieldError); ok { //nolint:errorlint // the checks return it bare
		return e.Reason
	}
	return err.Error()
}

// leave goes back; what was typed is kept for the next time.
func (f *formScreen) leave() tea.Cmd {
	if !f.dirty() {
		return tui.Pop()
	}
	text := safe.Linef("what you typed for %s is kept; open the form again to go on", f.spec.Machine.Name)
	return tea.Batch(tui.Pop(), tui.Toast(tui.Info, text))
}

func (f *formScreen) now() time.Time { return f.scope.Clock.Now() }

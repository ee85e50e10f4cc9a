package screen

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

// The documents of the input/output tab.
const (
	runInput = iota
	runOutput
	stepInput
	stepOutput
	documents
)

// ioPane shows the inputs and outputs of the run and of one step.
type ioPane struct {
	theme   *theme.Theme
	state   safe.Text
	docs    [documents]document
	at      int
	pattern string
}

// document is one JSON text; why tells what stands there instead.
type document struct {
	json string
	why  string
	view *widget.JSONView
}

func newIOPane(t *theme.Theme) *ioPane {
	p := &ioPane{theme: t}
	for i := range p.docs {
		p.docs[i].view = widget.NewJSONView(t)
	}
	return p
}

// set takes the run's documents and those of the state's last step.
func (p *ioPane) set(d *runData, state safe.Text) {
	p.state = state
	pending := "none yet: the run still works"
	if d.run.Status.Closed() {
		pending = "none: the run did not succeed"
	}
	p.put(runInput, d.run.Input, "not read yet")
	p.put(runOutput, d.run.Output, pending)
	p.put(stepInput, "", "")
	p.put(stepOutput, "", "")
	for i := len(d.steps) - 1; i >= 0 && !state.Empty(); i-- {
		if s := &d.steps[i]; s.State == state {
			p.put(stepInput, s.Input, "not loaded")
			p.put(stepOutput, s.Output, "none: the step has not succeeded")
			break
		}
	}
	if state.Empty() && p.at >= stepInput {
		p.at = runInput
	}
}

// put gives a document its text, tokens masked. One that is the same keeps its
// folds.
func (p *ioPane) put(at int, doc, why string) {
	d := &p.docs[at]
	d.why = why
	if masked := workflow.MaskTokens(doc); masked != d.json {
		d.json = masked
		d.view.SetJSON(masked)
	}
}

func (p *ioPane) name(at int) string {
	return [documents]string{
		"run input", "run output", p.state.OneLine().String() + " input", p.state.OneLine().String() + " output",
	}[at]
}

// count is how many documents there are: those of a step only with one chosen.
func (p *ioPane) count() int {
	if p.state.Empty() {
		return stepInput
	}
	return documents
}

func (p *ioPane) key(k tea.KeyPressMsg) {
	switch k.String() {
	case "tab":
		p.at = (p.at + 1) % p.count()
	case "shift+tab":
		p.at = (p.at + p.count() - 1) % p.count()
	default:
		p.docs[p.at].view.Key(k)
	}
}

func (p *ioPane) search(pattern string) {
	p.pattern = pattern
	for i := range p.docs {
		p.docs[i].view.Search(pattern)
	}
}

// value is what is under the cursor.
func (p *ioPane) value() string {
	_, text := p.docs[p.at].view.Value()
	return text
}

func (p *ioPane) view(w, h int) string {
	if w < previewFrom {
		return p.document(p.at, w, h)
	}
	left := p.at &^ 1
	half := (w - 3) / 2
	return widget.Beside(p.theme, p.document(left, half, h), half, p.document(left+1, w-3-half, h), h)
}

// document is a name over a JSON text.
func (p *ioPane) document(at, w, h int) string {
	title := sheetLine{said(theme.Dim, " "+p.name(at))}
	if at == p.at {
		title = sheetLine{said(theme.Cursor, p.theme.Glyph(theme.GlyphCursor)), said(theme.Title, p.name(at)), said(theme.Dim, p.others())}
	}
	lines := paintLine(p.theme, title, w)
	if h < 2 {
		return lines
	}
	d := &p.docs[at]
	if d.json == "" {
		return lines + "\n" + fill([]string{paintLine(p.theme, dimLine(safe.Line("  "+d.why)), w)}, w, h-1)
	}
	return lines + "\n" + d.view.View(w, h-1)
}

// others tells which documents tab goes to.
func (p *ioPane) others() string {
	var names []string
	for i := range p.count() {
		if i != p.at {
			names = append(names, p.name(i))
		}
	}
	return "   tab: " + strings.Join(names, ", ")
}

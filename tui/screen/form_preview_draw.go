package screen

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// previewDrawing collects the lines of a preview.
type previewDrawing struct {
	theme *theme.Theme
	w     int
	lines []string
}

func (d *previewDrawing) head(title string) {
	if len(d.lines) > 0 {
		d.lines = append(d.lines, "")
	}
	d.text(theme.Title, "", title)
}

// text draws raw text; mark stands before its first line, and the others are
// indented by as much.
func (d *previewDrawing) text(role theme.Role, mark, raw string) {
	room := max(1, d.w-2-len(mark))
	for i, line := range strings.Split(ansi.Hardwrap(softly(safe.Line(raw).String(), room), room, true), "\n") {
		margin := strings.Repeat(" ", len(mark))
		if i == 0 {
			margin = mark
		}
		d.lines = append(d.lines, " "+d.theme.Paint(role, margin+line))
	}
}

// softly breaks at spaces where it can.
func softly(text string, w int) string { return ansi.Wordwrap(text, w, "") }

const pairLabel = 16

func (d *previewDrawing) pair(label, raw string) {
	name := safe.Line(label).Truncate(pairLabel - 2).Pad(pairLabel).String()
	room := max(1, d.w-3-pairLabel)
	for i, line := range strings.Split(ansi.Hardwrap(safe.Line(raw).String(), room, true), "\n") {
		if i > 0 {
			name = strings.Repeat(" ", pairLabel)
		}
		d.lines = append(d.lines, "  "+d.theme.Paint(theme.Dim, name)+line)
	}
}

func (d *previewDrawing) code(text string) {
	for _, line := range strings.Split(text, "\n") {
		d.hard(theme.Text, "  ", line)
	}
}

func (d *previewDrawing) hard(role theme.Role, mark, raw string) {
	room := max(1, d.w-1-len(mark))
	for _, line := range strings.Split(ansi.Hardwrap(safe.Line(raw).String(), room, true), "\n") {
		d.lines = append(d.lines, d.theme.Paint(role, mark+line))
	}
}

func (d *previewDrawing) diff(diff []workflow.DiffLine) {
	changes := changesOnly(diff)
	if len(changes) == 0 {
		d.text(theme.Dim, " ", "nothing: the input is the same")
	}
	for _, line := range changes {
		switch {
		case line == nil:
			d.text(theme.Dim, " ", d.theme.Glyph(theme.GlyphEllipsis))
		case line.Op == workflow.DiffAdded:
			d.hard(theme.Succeeded, "  + ", workflow.EscapeJSON(line.Text))
		case line.Op == workflow.DiffRemoved:
			d.hard(theme.Failed, "  - ", workflow.EscapeJSON(line.Text))
		default:
			d.hard(theme.Dim, "    ", workflow.EscapeJSON(line.Text))
		}
	}
}

// container tells what each value becomes.
func (d *previewDrawing) container(o workflow.Overrides) {
	if o.Args != nil {
		words := make([]string, len(o.Args))
		for i, word := range o.Args {
			words[i] = workflow.QuoteWord(word)
		}
		d.pair("command", strings.Join(words, " "))
	}
	for _, name := range slices.Sorted(maps.Keys(o.Env)) {
		d.pair("variable", name+"="+o.Env[name])
	}
	if o.CPU != 0 || o.Memory != 0 {
		d.pair("task size", sizeWord("cpu", o.CPU)+", "+sizeWord("MiB", o.Memory))
	}
}

func sizeWord(unit string, n int) string {
	if n == 0 {
		return "the task definition's " + unit
	}
	return strconv.Itoa(n) + " " + unit
}

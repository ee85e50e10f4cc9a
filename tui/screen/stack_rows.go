package screen

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/aws/stack/template"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

// stackRow is a resource, a parameter or an output.
type stackRow struct {
	name  string
	value safe.Text // physical ID, or value
	look  theme.Role
	note  safe.Text // reason, or description

	kind   string       // of a resource, without AWS::
	status stack.Status // of a resource
	at     time.Time
}

// said is all that a row says, for the filter.
func (r stackRow) said() safe.Text {
	return safe.Join(" ", safe.Line(r.name), safe.Line(r.kind), safe.Line(string(r.status)), r.value, r.note)
}

// shortKind is a resource type without the part that all have.
func shortKind(kind string) string { return strings.TrimPrefix(kind, "AWS::") }

func (x *stackScreen) rows() []stackRow {
	switch {
	case x.tab == tabParameters:
		return x.parameterRows()
	case x.state == nil:
		return nil
	case x.tab == tabOutputs:
		var rows []stackRow
		for _, o := range x.state.Stack.Outputs {
			rows = append(rows, stackRow{name: o.Name, value: o.Value, note: o.Description})
		}
		return rows
	}
	var rows []stackRow
	for _, r := range x.state.Resources {
		rows = append(rows, stackRow{name: r.Logical, value: r.Physical, note: r.Reason, kind: shortKind(r.Type), status: r.Status, at: r.Updated})
	}
	return rows
}

// parameterRows are the template's parameters with the value that the next plan is to have.
func (x *stackScreen) parameterRows() []stackRow {
	var rows []stackRow
	for _, p := range x.parameters {
		row := stackRow{name: p.Name, note: safe.Line(p.Description)}
		value, given := x.valueOf(p)
		_, pending := x.pending[p.Name]
		switch {
		case pending:
			row.value, row.look = safe.Join("  ", presentTexts(safe.Line(value).Or(safe.Line("empty")), x.instead(p))...), theme.Mark
		case !given:
			row.value, row.look = safe.Line("needed: enter sets it"), theme.Warning
		case value == "":
			row.value, row.look = safe.Line("empty"), theme.Dim
		default:
			row.value = safe.Line(value)
		}
		rows = append(rows, row)
	}
	return rows
}

// valueOf is what the next plan has for a parameter: what is pending, what the stack has, or the
// template's default.
func (x *stackScreen) valueOf(p template.Parameter) (value string, given bool) {
	if value, given = x.pending[p.Name]; given {
		return value, true
	}
	if x.state != nil {
		for _, had := range x.state.Stack.Parameters {
			if had.Name == p.Name {
				return had.Value.String(), true
			}
		}
	}
	if p.Default != nil {
		return *p.Default, true
	}
	return "", false
}

// instead is what a pending value takes the place of.
func (x *stackScreen) instead(p template.Parameter) safe.Text {
	switch {
	case x.state != nil:
		return safe.Linef("(was %s)", safe.Line(x.state.Stack.Parameter(p.Name)).Or(safe.Line("empty")))
	case p.Default != nil:
		return safe.Linef("(default %s)", safe.Line(*p.Default).Or(safe.Line("empty")))
	}
	return safe.Text{}
}

func stackColumns(s *tui.Scope, tab stackTab) []widget.Column[stackRow] {
	name := widget.Column[stackRow]{
		Title: "NAME", Min: 16, Max: 32, Weight: 2, Cell: func(r stackRow) safe.Text { return safe.Line(r.name) },
		Less: func(a, b stackRow) bool { return a.name < b.name },
	}
	value := widget.Column[stackRow]{
		Title: "VALUE", Min: 20, Weight: 4, Cell: func(r stackRow) safe.Text { return r.value }, Role: func(r stackRow) theme.Role { return r.look },
	}
	if tab != tabResources {
		note := widget.Column[stackRow]{Title: "DESCRIPTION", Min: 40, Weight: 3, Drop: 1, Cell: func(r stackRow) safe.Text { return r.note }}
		note.Role = func(stackRow) theme.Role { return theme.Dim }
		return []widget.Column[stackRow]{name, value, note}
	}
	value.Title, value.Drop = "PHYSICAL ID", 2
	return []widget.Column[stackRow]{
		name,
		{
			Title: "TYPE", Min: 18, Max: 28, Weight: 1, Drop: 3, Cell: func(r stackRow) safe.Text { return safe.Line(r.kind) },
			Less: func(a, b stackRow) bool { return a.kind < b.kind },
		},
		{
			Title: "STATUS", Min: 20, Max: 30, Weight: 1, Spans: func(r stackRow) []widget.Span { return stackSpans(s.Theme, r.status) },
			Less: func(a, b stackRow) bool { return a.status < b.status },
		},
		{
			Title: "SINCE", Min: 8, Max: 12, Drop: 4, Cell: func(r stackRow) safe.Text { return when(r.at, s.Clock.Now()) },
			Less: func(a, b stackRow) bool { return a.at.Before(b.at) }, Descending: true,
		},
		value,
	}
}

// stackSign is how a status of CloudFormation is shown.
func stackSign(t *theme.Theme, s stack.Status) theme.Sign {
	word := string(s)
	switch {
	case s.Moving():
		return theme.Sign{Glyph: t.Glyph(theme.GlyphRunning), Word: word, Role: theme.Running}
	case s == stack.ReviewInProgress:
		return theme.Sign{Glyph: t.Glyph(theme.GlyphWait), Word: word, Role: theme.Waiting}
	case s == stack.UpdateRollbackComplete || s == stack.ImportRollbackComplete:
		return theme.Sign{Glyph: t.Glyph(theme.GlyphCatch), Word: word, Role: theme.Warning}
	case s.Failed():
		return theme.Sign{Glyph: t.Glyph(theme.GlyphFailed), Word: word, Role: theme.Failed}
	case s == stack.DeleteComplete || s == stack.DeleteSkipped:
		return theme.Sign{Glyph: t.Glyph(theme.GlyphAborted), Word: word, Role: theme.Aborted}
	case s == "":
		return theme.Sign{Glyph: t.Glyph(theme.GlyphUnknown), Word: "not known", Role: theme.Dim}
	}
	return theme.Sign{Glyph: t.Glyph(theme.GlyphSucceeded), Word: word, Role: theme.Succeeded}
}

func stackSpans(t *theme.Theme, s stack.Status) []widget.Span {
	sign := stackSign(t, s)
	return []widget.Span{{Text: safe.Line(sign.Glyph + " " + sign.Word), Role: sign.Role}}
}

// Subject is the row under the cursor, and the stack.
func (x *stackScreen) Subject() *tui.Selection {
	if x.state == nil {
		return nil
	}
	id := x.state.Stack.ID
	chosen := &tui.Selection{
		ARN: id, URL: x.c.webPage(id, "/cloudformation/home?region={region}#/stacks/stackinfo?stackId="+url.QueryEscape(id)),
		File: cmp.Or(x.kit.Name, stack.DefaultName) + "-stack.json", Export: x.export,
	}
	if row, ok := x.table.Current(); ok && x.isTable() {
		chosen.Value = row.value.String()
	}
	return chosen
}

func (x *stackScreen) export() ([]byte, error) {
	st := x.state.Stack
	data, err := json.MarshalIndent(map[string]any{
		"name": st.Name, "arn": st.ID, "status": st.Status, "parameters": st.Parameters, "outputs": st.Outputs, "resources": x.state.Resources,
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write stack %s as JSON: %w", st.Name, err)
	}
	return data, nil
}

package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// longValue is the width in cells up to which a property's values are shown side by side.
const longValue = 60

// actionLook is how an action is drawn: sign, colour and word.
type actionLook struct{ sign, sgr, word string }

func lookOf(c stack.Change) actionLook {
	kept := ""
	if c.Kept {
		kept = "; the old one is kept in AWS"
	}
	switch {
	case c.Action == stack.Remove && c.Kept:
		return actionLook{"-", "33", "leaves the stack; it is kept in AWS"}
	case c.Action == stack.Remove:
		return actionLook{"-", "31", "DELETED"}
	case c.Action == stack.Add:
		return actionLook{"+", "32", "new"}
	case c.Action == stack.Import:
		return actionLook{"+", "32", "taken into the stack; its properties and tags become those of the template"}
	case c.Action == stack.Dynamic:
		return actionLook{"±", "31", "changed or REPLACED: AWS knows when it gets there"}
	case c.Replacement == stack.Always && c.Kept:
		return actionLook{"±", "33", "replaced" + kept}
	case c.Replacement == stack.Always:
		return actionLook{"±", "31", "REPLACED: the old one is deleted"}
	case c.Replacement == stack.Conditional:
		return actionLook{"±", "31", "may be REPLACED" + kept}
	default:
		return actionLook{"~", "33", "changed"}
	}
}

// writePlan writes a plan for people: parameters that change, resources,
// permissions, and what the checks found.
func (a *app) writePlan(w *bytes.Buffer, p *stack.Plan) {
	a.writeParameters(w, p)
	a.writeChanges(w, "Resources", p.Resources())
	a.writeChanges(w, "Permissions (IAM)", p.IAM())
	a.writeFindings(w, p.Findings)
	fmt.Fprintf(w, "%s\n", summary(p))
}

// summary is the plan in one line.
func summary(p *stack.Plan) safe.Text {
	switch {
	case !p.Planned:
		return safe.Linef("Stack %s: not planned.", p.Stack)
	case p.Empty():
		return safe.Linef("Stack %s: no changes.", p.Stack)
	}
	counts := map[string]int{}
	for _, c := range p.Changes {
		switch {
		case c.Action == stack.Remove:
			counts["to remove"]++
		case c.Replaces():
			counts["to replace"]++
		case c.Action == stack.Modify:
			counts["to change"]++
		default:
			counts["to add"]++
		}
	}
	var parts []string
	for _, what := range []string{"to add", "to change", "to replace", "to remove"} {
		if counts[what] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[what], what))
		}
	}
	verb := "will change"
	if p.Creates {
		verb = "will be made"
	}
	return safe.Linef("Stack %s %s: %s.", p.Stack, verb, strings.Join(parts, ", "))
}

// writeParameters writes those that are given and differ; for a new stack all that are given.
func (a *app) writeParameters(w *bytes.Buffer, p *stack.Plan) {
	var rows [][]cell
	for _, c := range p.Parameters {
		if c.Before == c.After || c.Origin != "given" && p.Creates {
			continue
		}
		before := c.Before
		if before.Empty() {
			before = safe.Line("-")
		}
		rows = append(rows, cells(safe.Line("  "+c.Name), before.Truncate(longValue), safe.Line("→"), c.After.Or(safe.Line("(empty)")).Truncate(longValue)))
	}
	if len(rows) > 0 {
		fmt.Fprintf(w, "%s\n", a.paint(safe.Line("Parameters"), "1"))
		w.Write(a.drawRows(rows))
		fmt.Fprintln(w)
	}
}

func (a *app) writeChanges(w *bytes.Buffer, title string, changes []stack.Change) {
	if len(changes) == 0 {
		return
	}
	fmt.Fprintf(w, "%s\n", a.paint(safe.Line(title), "1"))
	names, types := 0, 0
	for _, c := range changes {
		names, types = max(names, len(c.Logical)), max(types, len(c.Type))
	}
	for _, c := range changes {
		look := lookOf(c)
		line := safe.Linef("%s %-*s  %-*s  %s", look.sign, names, c.Logical, types, c.Type, look.word)
		fmt.Fprintf(w, "  %s\n", a.paint(line, look.sgr))
		if c.Action == stack.Modify || c.Action == stack.Dynamic {
			for _, property := range c.Properties {
				a.writeProperty(w, property)
			}
		}
	}
	fmt.Fprintln(w)
}

// writeProperty writes a property before and after: side by side where that is
// short, else the lines that differ.
func (a *app) writeProperty(w *bytes.Buffer, p stack.PropertyChange) {
	why := ""
	if p.Cause != "" {
		why = " (by " + p.Cause + ")"
	}
	if p.Recreates == stack.Always {
		why += " (replaces)"
	}
	path := safe.Line(strings.TrimPrefix(p.Path, "/Properties/"))
	if p.Before.Empty() && p.After.Empty() {
		fmt.Fprintf(w, "      %s%s\n", path, safe.Line(why))
		return
	}
	if p.Before.Width() <= longValue && p.After.Width() <= longValue {
		none := safe.Line("(none)")
		fmt.Fprintf(w, "      %s: %s → %s%s\n", path, p.Before.Or(none), p.After.Or(none), safe.Line(why))
		return
	}
	fmt.Fprintf(w, "      %s%s\n", path, safe.Line(why))
	for _, line := range workflow.DiffLines(valueLines(p.Before), valueLines(p.After)) {
		if line.Op == workflow.DiffSame {
			continue
		}
		sgr := "32"
		if line.Op == workflow.DiffRemoved {
			sgr = "31"
		}
		fmt.Fprintf(w, "        %s\n", a.paint(safe.Linef("%c %s", line.Op, line.Text), sgr))
	}
}

// valueLines lays a JSON object out over lines; any other value is one line.
func valueLines(value safe.Text) []string {
	if value.Empty() {
		return nil
	}
	if doc, err := workflow.ParseDocument(value.String()); err == nil && strings.HasPrefix(value.String(), "{") {
		return strings.Split(doc.Canonical(), "\n")
	}
	return []string{value.String()}
}

var severityColors = map[stack.Severity]string{stack.Blocker: "31", stack.Warning: "33", stack.Note: ""}

func (a *app) writeFindings(w *bytes.Buffer, findings []stack.Finding) {
	if len(findings) == 0 {
		return
	}
	fmt.Fprintf(w, "%s\n", a.paint(safe.Line("Checks"), "1"))
	for _, f := range findings {
		fmt.Fprintf(w, "  %s %s: %s\n", a.paint(safe.Line(string(f.Severity)), severityColors[f.Severity]), f.Subject, f.Sentence)
		if !f.Next.Empty() {
			fmt.Fprintf(w, "    next: %s\n", a.here(f.Next))
		}
	}
	fmt.Fprintln(w)
}

// drawRows lines up a table without a head.
func (a *app) drawRows(rows [][]cell) []byte {
	_, body, _ := bytes.Cut(a.drawTable(make([]string, len(rows[0])), rows), []byte("\n"))
	return body
}

// planText is the plan for people.
func (a *app) planText(p *stack.Plan) string {
	var w bytes.Buffer
	a.writePlan(&w, p)
	return w.String()
}

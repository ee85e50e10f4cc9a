package screen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// tabNames tell how much each tab holds.
func (x *planScreen) tabNames() []string {
	count := func(name string, n int) string { return fmt.Sprintf("%s %d", name, n) }
	return []string{
		count("changes", len(x.plan.Resources())), count("IAM", len(x.plan.IAM())),
		count("parameters", len(x.plan.Parameters)), count("checks", len(x.plan.Findings)),
	}
}

// View is what the plan comes to, and the open tab.
func (x *planScreen) View(w, h int) string {
	if x.s == nil || h <= 0 {
		return fill(nil, w, h)
	}
	t := x.s.Theme
	role := theme.Strong
	if x.plan.Destroys() {
		role = theme.Danger
	}
	verb := "updates"
	if x.plan.Creates {
		verb = "makes"
	}
	top := []string{
		paintLine(t, sheetLine{said(theme.Text, " The plan "+verb+" "), said(theme.Strong, x.plan.Stack), said(theme.Text, ": "), {Text: x.counted(), Role: role}}, w),
		paintLine(t, tabLine(x.tabNames(), int(x.tab)), w),
	}
	return stacked(top, nil, w, h, func(w, h int) string { return x.sheet.view(t, x.page(w), w, h) })
}

// counted is the plan in numbers.
func (x *planScreen) counted() safe.Text {
	counts := map[string]int{}
	for _, c := range x.plan.Changes {
		counts[verbOf(c)]++
	}
	var parts []safe.Text
	for _, verb := range changeVerbs {
		if n := counts[verb]; n > 0 {
			parts = append(parts, safe.Linef("%d %s", n, verb))
		}
	}
	if n := x.blockers(); n > 0 {
		parts = append(parts, safe.Linef("checks that stop it: %d", n))
	}
	if len(parts) == 0 {
		return safe.Line("no changes")
	}
	return safe.Join(", ", parts...)
}

// What becomes of a resource.
const (
	verbAdd         = "added"
	verbModify      = "changed"
	verbReplace     = "replaced"
	verbMayReplace  = "perhaps replaced"
	verbReplaceKept = "replaced, the old one kept"
	verbRemove      = "deleted"
	verbRemoveKept  = "taken out and kept"
	verbImport      = "taken in"
)

// changeVerbs are in the order in which they are counted: what is lost comes first.
var changeVerbs = []string{
	verbRemove, verbReplace, verbMayReplace, verbModify, verbAdd, verbImport, verbReplaceKept, verbRemoveKept,
}

func verbOf(c stack.Change) string {
	switch {
	case c.Action == stack.Add:
		return verbAdd
	case c.Action == stack.Import:
		return verbImport
	case c.Action == stack.Remove && c.Kept:
		return verbRemoveKept
	case c.Action == stack.Remove:
		return verbRemove
	case c.Replaces() && c.Kept:
		return verbReplaceKept
	case c.Replacement == stack.Always:
		return verbReplace
	case c.Replaces():
		return verbMayReplace
	}
	return verbModify
}

func (x *planScreen) page(w int) []sheetLine {
	switch x.tab {
	case tabChanges:
		return x.changes(x.plan.Resources(), w)
	case tabIAM:
		return x.changes(x.plan.IAM(), w)
	case tabValues:
		return x.values(w)
	}
	return x.checks(w)
}

// changes are resources with their properties before and after.
func (x *planScreen) changes(all []stack.Change, w int) []sheetLine {
	if len(all) == 0 {
		return []sheetLine{dimLine(safe.Line(" no changes here"))}
	}
	var lines []sheetLine
	for _, c := range all {
		mark, role := "~", theme.Warning
		switch {
		case c.Destroys():
			mark, role = "-", theme.Danger
			if c.Replaces() {
				mark = "!"
			}
		case c.Action == stack.Add || c.Action == stack.Import:
			mark, role = "+", theme.Succeeded
		}
		lines = append(lines, sheetLine{
			said(role, " "+mark+" "), said(theme.Strong, c.Logical), said(theme.Dim, "  "+shortKind(c.Type)+"  "), said(role, verbOf(c)),
		})
		for _, p := range c.Properties {
			lines = append(lines, x.property(p, c.Action, w)...)
		}
	}
	return lines
}

// longestValue bounds the lines of one value of a property.
const longestValue = 12

func (x *planScreen) property(p stack.PropertyChange, action stack.Action, w int) []sheetLine {
	head := sheetLine{said(theme.Text, "     "+strings.TrimPrefix(p.Path, "/Properties/"))}
	switch p.Recreates {
	case stack.Always:
		head = append(head, said(theme.Failed, "  replaces"))
	case stack.Conditional:
		head = append(head, said(theme.Warning, "  may replace"))
	}
	if p.Cause != "" {
		head = append(head, said(theme.Dim, "  by "+p.Cause))
	}
	lines := []sheetLine{head}
	add := func(sign string, role theme.Role, value safe.Text) {
		if value.Empty() {
			return
		}
		wrapped := labelled("       "+sign, 9, role, value, w)
		if len(wrapped) > longestValue {
			wrapped = append(wrapped[:longestValue], dimLine(safe.Linef("         and %d more lines", len(wrapped)-longestValue)))
		}
		lines = append(lines, wrapped...)
	}
	if action != stack.Add {
		add("-", theme.Failed, p.Before)
	}
	add("+", theme.Succeeded, p.After)
	return lines
}

// values are the parameters, those that change first.
func (x *planScreen) values(w int) []sheetLine {
	var lines []sheetLine
	parameters := slices.Clone(x.plan.Parameters)
	slices.SortStableFunc(parameters, func(a, b stack.ParameterChange) int {
		switch {
		case (a.Before == a.After) == (b.Before == b.After):
			return 0
		case a.Before == a.After:
			return 1
		}
		return -1
	})
	for _, p := range parameters {
		after := p.After.Or(safe.Line("empty"))
		if p.Before == p.After || x.plan.Creates {
			lines = append(lines, labelled(" "+p.Name, 30, theme.Dim, safe.Linef("%s  (%s)", after, p.Origin), w)...)
			continue
		}
		lines = append(lines, labelled(" "+p.Name, 30, theme.Failed, safe.Linef("- %s", p.Before.Or(safe.Line("empty"))), w)...)
		lines = append(lines, labelled("", 30, theme.Succeeded, safe.Linef("+ %s  (%s)", after, p.Origin), w)...)
	}
	if len(lines) == 0 {
		return []sheetLine{dimLine(safe.Line(" the template has no parameters"))}
	}
	return lines
}

func (x *planScreen) checks(w int) []sheetLine {
	t := x.s.Theme
	if len(x.plan.Findings) == 0 {
		return []sheetLine{{said(theme.Succeeded, " "+t.Glyph(theme.GlyphSucceeded)+" every check is satisfied")}}
	}
	var lines []sheetLine
	for _, f := range x.plan.Findings {
		glyph, role := theme.GlyphDot, theme.Info
		switch f.Severity {
		case stack.Blocker:
			glyph, role = theme.GlyphFailed, theme.Failed
		case stack.Warning:
			glyph, role = theme.GlyphCatch, theme.Warning
		}
		lines = append(lines, sheetLine{said(role, " "+t.Glyph(glyph)+" "+string(f.Severity)+"  "), {Text: f.Subject, Role: theme.Strong}})
		lines = append(lines, labelled("   ", 3, theme.Text, f.Sentence, w)...)
		if !f.Next.Empty() {
			lines = append(lines, labelled("   ", 3, theme.Info, f.Next, w)...)
		}
	}
	if x.blockers() > 0 {
		here := safe.Linef(" Here: esc, tab %d sets values, %s secrets; then %s plans again.", tabParameters+1,
			tui.BindingOf(tui.KeySecret).Name(), tui.BindingOf(tui.KeyPlan).Name())
		lines = append(lines, sheetLine{}, sheetLine{{Text: here, Role: theme.Dim}})
	}
	return lines
}

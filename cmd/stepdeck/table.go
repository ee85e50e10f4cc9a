package main

import (
	"bytes"
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// cell is one field of a table; sgr, a terminal's colour code, is used on a terminal only.
type cell struct {
	text safe.Text
	sgr  string
}

func cells(texts ...safe.Text) []cell {
	row := make([]cell, len(texts))
	for i, t := range texts {
		row[i] = cell{text: t}
	}
	return row
}

// drawTable lines the columns up. The last column keeps its length: nothing is cut.
func (a *app) drawTable(head []string, rows [][]cell) []byte {
	title := make([]cell, len(head))
	for i, h := range head {
		title[i] = cell{text: safe.Line(h), sgr: "1"}
	}
	all := append([][]cell{title}, rows...)
	widths := make([]int, len(head))
	for _, row := range all {
		for i, c := range row {
			widths[i] = max(widths[i], c.text.Width())
		}
	}
	var out bytes.Buffer
	for _, row := range all {
		var line strings.Builder
		for i, c := range row {
			line.WriteString(a.paint(c.text, c.sgr))
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", widths[i]-c.text.Width()+2))
			}
		}
		out.WriteString(strings.TrimRight(line.String(), " "))
		out.WriteByte('\n')
	}
	return out.Bytes()
}

// paint colours a text where colours can be seen.
func (a *app) paint(t safe.Text, sgr string) string {
	if sgr == "" || !a.draws || a.flags.noColor {
		return t.String()
	}
	return "\x1b[" + sgr + "m" + t.String() + "\x1b[0m"
}

var statusLooks = map[workflow.Status]struct{ glyph, sgr string }{
	workflow.Running:        {"●", "34"},
	workflow.Succeeded:      {"✔", "32"},
	workflow.Failed:         {"✖", "31"},
	workflow.TimedOut:       {"◷", "31"},
	workflow.Aborted:        {"■", "33"},
	workflow.PendingRedrive: {"○", "33"},
}

// status writes a status: the bare word for programs, with glyph and colour for people.
func (a *app) status(s workflow.Status) cell {
	look, known := statusLooks[s]
	if !a.draws || !known {
		return cell{text: safe.Line(string(s))}
	}
	return cell{text: safe.Line(look.glyph + " " + string(s)), sgr: look.sgr}
}

package screen

import (
	"slices"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

// logFact is a part of the line about a log. Where there is no room the part
// with the lowest worth goes first.
type logFact struct {
	span  widget.Span
	worth int
}

// logGap stands between the parts.
const logGap = "   "

// about tells what is shown of the log, and whether it is followed, in at most
// w cells where that can be.
func (p *logPane) about(w int) sheetLine {
	facts := p.facts(p.lines.State())
	for widthOf(facts) > w && len(facts) > 1 {
		least := 0
		for i, f := range facts {
			if f.worth < facts[least].worth {
				least = i
			}
		}
		facts = slices.Delete(facts, least, least+1)
	}
	out := sheetLine{facts[0].span}
	for _, f := range facts[1:] {
		out = append(out, said(theme.Text, logGap), f.span)
	}
	return out
}

func widthOf(facts []logFact) int {
	w := (len(facts) - 1) * len(logGap)
	for _, f := range facts {
		w += f.span.Text.Width()
	}
	return w
}

func (p *logPane) facts(s widget.LogState) []logFact {
	out := []logFact{{p.mood(s), 9}}
	add := func(worth int, role theme.Role, text safe.Text) {
		out = append(out, logFact{said(role, text.String()), worth})
	}
	if s.Container.Empty() {
		add(2, theme.Text, safe.Line("all containers"))
	} else {
		add(6, theme.Text, safe.Linef("%s of attempt %d", s.Container, s.Attempt))
	}
	count := safe.Linef("%s lines", safe.Count(s.Lines))
	if s.Shown != s.Lines {
		count = safe.Linef("%s of %s", safe.Count(s.Shown), count)
	}
	add(4, theme.Dim, count)
	if p.pattern != "" {
		add(8, theme.Match, matched(s))
	}
	for _, on := range []struct {
		is    bool
		worth int
		text  string
	}{{s.Keeping, 5, "only matches"}, {s.Wrapping, 3, "wrapped"}, {s.Selecting, 7, "selecting: y copies, esc ends"}} {
		if on.is {
			add(on.worth, theme.Info, safe.Line(on.text))
		}
	}
	add(1, theme.Dim, safe.Linef("time: %s", s.Times))
	return out
}

// matched counts what the search found, and says where among it the cursor is.
func matched(s widget.LogState) safe.Text {
	switch {
	case s.Hits == 0:
		return safe.Line("no match")
	case s.Hit > 0:
		return safe.Linef("match %s of %s", safe.Count(s.Hit), safe.Count(s.Hits))
	case s.Hits == 1:
		return safe.Line("1 match")
	default:
		return safe.Linef("%s matches", safe.Count(s.Hits))
	}
}

// mood is whether the log moves.
func (p *logPane) mood(s widget.LogState) (span widget.Span) {
	t := p.console.Env.Theme
	switch {
	case p.err != nil:
		return said(theme.Failed, " "+t.Glyph(theme.GlyphFailed)+" stopped, r reads on")
	case p.ended:
		return said(theme.Dim, " "+t.Glyph(theme.GlyphDot)+" whole log")
	case s.Following:
		return said(theme.Running, " "+t.Glyph(theme.GlyphRunning)+" following")
	default:
		return said(theme.Warning, " "+t.Glyph(theme.GlyphPause)+" paused, G follows")
	}
}

package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// Progress shows work of known length. The screen that asked changes its
// fields from Update and ends it by Dismiss; esc ends it with Then and not OK,
// which is where the screen stops the work.
type Progress struct {
	Title               safe.Text
	Total, Done, Failed int
	// Now is what is being worked on.
	Now  safe.Text
	Then func(Result) tea.Cmd
}

func (p *Progress) ready(*Env) {}

func (p *Progress) key(k tea.KeyPressMsg) (Result, bool) { //nolint:unparam // Dialog has this shape
	return Result{}, k.String() == "esc"
}

func (p *Progress) paste(string) {}

func (p *Progress) body(t *theme.Theme, w, _ int) []string {
	width := min(w, 50)
	full := 0
	if p.Total > 0 {
		full = max(0, min(width, width*p.Done/p.Total))
	}
	bar := t.Paint(theme.Running, repeat(t.Glyph(theme.GlyphBlock), full)) +
		t.Paint(theme.Dim, repeat(t.Glyph(theme.GlyphLight), width-full))
	count := fmt.Sprintf("%s of %s", safe.Count(p.Done), safe.Count(p.Total))
	if p.Failed > 0 {
		count += t.Paint(theme.Failed, fmt.Sprintf(", %s failed", safe.Count(p.Failed)))
	}
	return []string{bar, count, t.Paint(theme.Dim, p.Now.OneLine().TruncateMiddle(w).String())}
}

func (p *Progress) heading() safe.Text    { return p.Title }
func (p *Progress) hint() string          { return "esc stop" }
func (p *Progress) then(r Result) tea.Cmd { return answer(p.Then, r) }
func (p *Progress) quiet() bool           { return true }

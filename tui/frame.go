package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/tui/theme"
)

// The smallest window with room for a screen, and the rows of the frame.
const (
	leastWidth   = 60
	leastHeight  = 15
	headerHeight = 2
	footerHeight = 2
)

func (r *Root) fits() bool { return r.w >= leastWidth && r.h >= leastHeight }

// plainSigns are the signs in texts that the ASCII theme has no glyph for.
var plainSigns = strings.NewReplacer("…", "~", "·", ".", "←", "<", "→", ">", "×", "x", "␤", "|")

// View is the frame, made anew only when something changed.
func (r *Root) View() tea.View {
	if !r.dirty {
		return r.frame
	}
	r.dirty = false
	mode := tea.MouseModeNone
	if r.mouse {
		mode = tea.MouseModeCellMotion
	}
	content := r.content()
	if r.env.Theme.Options().ASCII {
		content = plainSigns.Replace(content)
	}
	r.frame = tea.View{
		Content: content, AltScreen: true, ReportFocus: true, MouseMode: mode,
		WindowTitle: r.windowTitle(),
	}
	return r.frame
}

func (r *Root) windowTitle() string {
	title := "stepdeck"
	if s := r.top(); s != nil {
		title += " " + s.screen.Title()
	}
	return title
}

// content is exactly the window's height of lines, none wider than it. Before
// the terminal has told its size it is empty.
func (r *Root) content() string {
	s := r.top()
	if r.w == 0 || r.h == 0 || s == nil {
		return ""
	}
	if !r.fits() {
		return r.tooSmall()
	}
	t := r.env.Theme
	rule := t.Paint(theme.Border, repeat(t.Glyph(theme.GlyphHorizontal), r.w))
	h := r.bodyHeight()
	lines := body(s.screen.View(r.w, h), r.w, h)
	r.overToasts(lines)
	if r.line != nil {
		above := r.line.above(t, r.w)
		overlay(lines, above, 0, len(lines)-len(above), r.w)
	}
	if d := s.dialog(); d != nil {
		b := box(t, d.Dialog, r.w, h)
		overlay(lines, b, max(0, (r.w-widest(b))/2), max(0, (h-len(b))/2), r.w)
	}
	if r.zooms() {
		return strings.Join(append(lines, r.zoomedLine()...), "\n")
	}
	frame := make([]string, 0, r.h)
	frame = append(frame, clip(r.header(), r.w), rule)
	frame = append(frame, lines...)
	frame = append(frame, rule, clip(r.footer(), r.w))
	return strings.Join(frame, "\n")
}

// overToasts draws the toasts into the lower right corner of the body.
func (r *Root) overToasts(lines []string) {
	boxes := r.toasts.boxes(r.env.Theme, r.w)
	for i, toast := range boxes {
		overlay(lines, []string{toast}, max(0, r.w-cells(toast)), len(lines)-len(boxes)+i, r.w)
	}
}

func (r *Root) tooSmall() string {
	lines := make([]string, r.h)
	lines[0] = clip(fmt.Sprintf("stepdeck needs %d×%d, this is %d×%d", leastWidth, leastHeight, r.w, r.h), r.w)
	if len(lines) > 1 {
		lines[1] = clip("enlarge it, or use stepdeck runs and stepdeck why", r.w)
	}
	return strings.Join(lines, "\n")
}

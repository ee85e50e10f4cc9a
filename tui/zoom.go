package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// zoom gives the top screen the whole window, or brings the frame back.
func (r *Root) zoom() tea.Cmd {
	if r.zooms() {
		r.zoomed = nil
		return nil
	}
	r.zoomed = r.top()
	return Toast(Info, safe.Line("z or esc brings the frame back"))
}

// zooms reports that the top screen has the whole window.
func (r *Root) zooms() bool { return r.zoomed != nil && r.zoomed == r.top() }

// bodyTop is the first of the window's rows that the screen has.
func (r *Root) bodyTop() int {
	if r.zooms() {
		return 0
	}
	return headerHeight
}

// bodyHeight is how many rows the screen has.
func (r *Root) bodyHeight() int {
	if r.zooms() {
		return r.h - len(r.zoomedLine())
	}
	return r.h - headerHeight - footerHeight
}

// zoomedLine is the command or filter line, which a zoomed screen makes room for.
func (r *Root) zoomedLine() []string {
	if r.line == nil {
		return nil
	}
	return []string{clip(r.line.view(r), r.w)}
}

package tuitest

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/stepdeck/stepdeck/tui"
)

var looks = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// Exact says what is wrong with a View for a window of w×h: too many or too
// few lines, lines that are too wide, and control characters other than looks.
func Exact(view string, w, h int) error {
	lines := strings.Split(view, "\n")
	if len(lines) != h {
		return fmt.Errorf("%d lines for a height of %d", len(lines), h)
	}
	for i, line := range lines {
		if width := ansi.StringWidth(line); width > w {
			return fmt.Errorf("line %d is %d cells wide, more than %d: %q", i, width, w, line)
		}
		text := looks.ReplaceAllString(line, "")
		if at := strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }); at >= 0 {
			return fmt.Errorf("line %d holds a control character: %q", i, line)
		}
	}
	return nil
}

// Conflicts says which keys two actions of a screen share, and which actions
// have no row in the key table.
func Conflicts(actions []tui.Action) error {
	holder := map[string]tui.ID{}
	for _, a := range actions {
		b := tui.BindingOf(a.ID)
		if b.ID == "" {
			return fmt.Errorf("%s has no row in the key table", a.ID)
		}
		for _, key := range b.Keys {
			if other, taken := holder[key]; taken {
				return fmt.Errorf("key %s is of %s and of %s", key, other, a.ID)
			}
			holder[key] = a.ID
		}
	}
	return nil
}

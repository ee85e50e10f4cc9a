package widget_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

var start = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

func plain() *theme.Theme   { return theme.New(theme.Options{}) }
func colours() *theme.Theme { return theme.New(theme.Options{Profile: theme.ANSI16}) }

type keyed interface{ Key(tea.KeyPressMsg) bool }

type viewed interface{ View(w, h int) string }

var named = map[string]rune{
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft,
	"right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
	"backspace": tea.KeyBackspace,
}

func key(name string) tea.KeyPressMsg {
	if code, ok := named[name]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	if rest, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: rune(rest[0]), Mod: tea.ModCtrl}
	}
	if name == "shift+tab" {
		return tea.KeyPressMsg{Code: tea.KeyTab, Mod: tea.ModShift}
	}
	if name == "space" {
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	}
	r := []rune(name)[0]
	return tea.KeyPressMsg{Code: r, Text: name}
}

// press presses keys, named and separated by blanks.
func press(t testing.TB, w keyed, names string) {
	t.Helper()
	for _, name := range strings.Fields(names) {
		if !w.Key(key(name)) {
			t.Errorf("key %s is not handled", name)
		}
	}
}

// looksAt compares the views of a widget with golden files, one a size.
func looksAt(t *testing.T, name string, v viewed, sizes ...[2]int) {
	t.Helper()
	for _, s := range sizes {
		frame := v.View(s[0], s[1])
		if err := tuitest.Exact(frame, s[0], s[1]); err != nil {
			t.Errorf("%d×%d: %v", s[0], s[1], err)
		}
		tuitest.Golden(t, fmt.Sprintf("%s_%dx%d", name, s[0], s[1]), frame)
	}
}

var allKeys = strings.Fields("j k g G ctrl+d ctrl+u pgup pgdown home end space * s S up down left right enter h l n N E C & w t tab v + - 0 esc a \" backspace shift+tab")

// hostile draws text as it may come from outside.
func hostile(r *rapid.T, label string) string {
	return rapid.OneOf(
		rapid.String(),
		rapid.StringOfN(rapid.RuneFrom([]rune("a ∑é表한👍🏽🇩🇪\u0301\u200d\u202e\x1b[31m\n\t\r")), 0, 120, -1),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 60), func(b []byte) string { return string(b) }),
		rapid.StringMatching(`[a-z]{0,300}`),
	).Draw(r, label)
}

// alwaysFits checks views of random sizes between random keys.
func alwaysFits(r *rapid.T, v interface {
	keyed
	viewed
},
) {
	for range rapid.IntRange(1, 12).Draw(r, "steps") {
		w, h := rapid.IntRange(0, 130).Draw(r, "w"), rapid.IntRange(1, 40).Draw(r, "h")
		if err := tuitest.Exact(v.View(w, h), w, h); err != nil {
			r.Fatalf("%d×%d: %v", w, h, err)
		}
		v.Key(key(rapid.SampledFrom(allKeys).Draw(r, "key")))
	}
}

func text(format string, args ...any) safe.Text { return safe.Linef(format, args...) }

package tuitest

import (
	"fmt"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
)

type namedKey struct {
	code rune
	mod  tea.KeyMod
	// bytes are what a terminal sends for it.
	bytes string
}

var namedKeys = map[string]namedKey{
	"enter":     {code: tea.KeyEnter, bytes: "\r"},
	"esc":       {code: tea.KeyEscape, bytes: "\x1b"},
	"tab":       {code: tea.KeyTab, bytes: "\t"},
	"shift+tab": {code: tea.KeyTab, mod: tea.ModShift, bytes: "\x1b[Z"},
	"backspace": {code: tea.KeyBackspace, bytes: "\x7f"},
	"delete":    {code: tea.KeyDelete, bytes: "\x1b[3~"},
	"up":        {code: tea.KeyUp, bytes: "\x1b[A"},
	"down":      {code: tea.KeyDown, bytes: "\x1b[B"},
	"right":     {code: tea.KeyRight, bytes: "\x1b[C"},
	"left":      {code: tea.KeyLeft, bytes: "\x1b[D"},
	"home":      {code: tea.KeyHome, bytes: "\x1b[H"},
	"end":       {code: tea.KeyEnd, bytes: "\x1b[F"},
	"pgup":      {code: tea.KeyPgUp, bytes: "\x1b[5~"},
	"pgdown":    {code: tea.KeyPgDown, bytes: "\x1b[6~"},
	"f2":        {code: tea.KeyF2, bytes: "\x1bOQ"},
}

// Key is the key of a name as the key table writes it: a sign, or enter, esc,
// tab, shift+tab, space, up, ctrl+s and so on. It panics on an unknown name.
func Key(name string) tea.KeyPressMsg {
	if k, ok := namedKeys[name]; ok {
		return tea.KeyPressMsg{Code: k.code, Mod: k.mod}
	}
	if name == "space" {
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	}
	if letter, ok := strings.CutPrefix(name, "ctrl+"); ok && len(letter) == 1 {
		return tea.KeyPressMsg{Code: rune(letter[0]), Mod: tea.ModCtrl}
	}
	if utf8.RuneCountInString(name) == 1 {
		r, _ := utf8.DecodeRuneInString(name)
		return tea.KeyPressMsg{Code: r, Text: name}
	}
	panic(fmt.Sprintf("tuitest: no key is named %q", name))
}

// keyBytes are what a terminal sends for a key.
func keyBytes(name string) string {
	if k, ok := namedKeys[name]; ok {
		return k.bytes
	}
	if name == "space" {
		return " "
	}
	if letter, ok := strings.CutPrefix(name, "ctrl+"); ok && len(letter) == 1 {
		return string(rune(letter[0] & 0x1f))
	}
	return name
}

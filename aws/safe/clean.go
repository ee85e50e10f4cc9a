package safe

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	esc      = 0x1b
	bel      = 0x07
	tabStop  = 8
	lineSign = '␤'
	crSign   = '␍'
)

// plain reports whether raw is printable ASCII only and so needs no cleaning.
func plain(raw string, newlines bool) bool {
	for i := range len(raw) {
		if c := raw[i]; c < 0x20 || c > 0x7e {
			if c == '\n' && newlines {
				continue
			}
			return false
		}
	}
	return true
}

// cleaner copies raw to out, leaving out what a terminal would obey.
type cleaner struct {
	raw      string
	out      strings.Builder
	newlines bool
	column   int
	// openUntil is the end of the stretch known to hold no string terminator,
	// so that many unterminated introducers cost one search and not one each.
	openUntil int
}

func clean(raw string, newlines bool) string {
	c := cleaner{raw: raw, newlines: newlines}
	c.out.Grow(len(raw) + 8)
	for i := 0; i < len(raw); {
		i = c.step(i)
	}
	return c.out.String()
}

// step handles what starts at i and returns where the next thing starts.
func (c *cleaner) step(i int) int {
	r, size := utf8.DecodeRuneInString(c.raw[i:])
	if r == utf8.RuneError && size == 1 {
		// A stray byte in 80..9F is an 8-bit control character to some terminals.
		if r = rune(c.raw[i]); r >= 0xa0 {
			r = utf8.RuneError
		}
	}
	next := i + size
	switch {
	case r == '\n':
		c.lineBreak()
	case r == '\r':
		if next >= len(c.raw) || c.raw[next] != '\n' {
			c.put(crSign)
		}
	case r == '\t':
		for ok := true; ok; ok = c.column%tabStop != 0 {
			c.put(' ')
		}
	case r == esc:
		return c.skipEscape(next)
	case r >= 0x80 && r <= 0x9f:
		return c.skipSequence(r, next)
	case r < 0x20 || r == 0x7f || isVariation(r):
	case misleads(r):
		c.put(utf8.RuneError)
	default:
		c.put(r)
	}
	return next
}

func (c *cleaner) put(r rune) {
	c.out.WriteRune(r)
	c.column++
}

func (c *cleaner) lineBreak() {
	if !c.newlines {
		c.put(lineSign)
		return
	}
	c.out.WriteByte('\n')
	c.column = 0
}

// skipEscape skips the sequence whose ESC stands just before i.
func (c *cleaner) skipEscape(i int) int {
	if i >= len(c.raw) {
		return i
	}
	b := c.raw[i]
	switch {
	case b >= 0x40 && b <= 0x5f:
		// ESC @ … ESC _ are the seven-bit forms of the C1 controls 80..9F.
		return c.skipSequence(rune(b)+0x40, i+1)
	case b >= 0x20 && b <= 0x2f:
		for i < len(c.raw) && c.raw[i] >= 0x20 && c.raw[i] <= 0x2f {
			i++
		}
		if i < len(c.raw) && c.raw[i] >= 0x30 && c.raw[i] <= 0x7e {
			i++
		}
		return i
	case b >= 0x30 && b <= 0x7e:
		return i + 1
	default:
		return i
	}
}

// skipSequence skips the body, starting at i, of what the C1 control opened.
func (c *cleaner) skipSequence(control rune, i int) int {
	switch control {
	case 0x9b: // CSI
		for i < len(c.raw) && c.raw[i] >= 0x20 && c.raw[i] <= 0x3f {
			i++
		}
		if i < len(c.raw) && c.raw[i] >= 0x40 && c.raw[i] <= 0x7e {
			i++
		}
		return i
	case 0x90, 0x98, 0x9d, 0x9e, 0x9f: // DCS, SOS, OSC, PM, APC
		return c.skipString(i)
	default:
		return i
	}
}

// skipString skips to behind the string terminator. A string left open on its
// line is kept as text, so that one introducer cannot hide the evidence after it.
func (c *cleaner) skipString(i int) int {
	if i < c.openUntil {
		return i
	}
	for j := i; j < len(c.raw); j++ {
		switch c.raw[j] {
		case bel:
			return j + 1
		case esc:
			if j+1 < len(c.raw) && c.raw[j+1] == '\\' {
				return j + 2
			}
		case 0x9c:
			if j > i && c.raw[j-1] == 0xc2 {
				return j + 1
			}
		case '\n':
			c.openUntil = j
			return i
		}
	}
	c.openUntil = len(c.raw)
	return i
}

// isVariation reports variation selectors: they draw nothing, but make the
// width of what stands before them differ from terminal to terminal.
func isVariation(r rune) bool { return r >= 0xfe00 && r <= 0xfe0f }

// misleads reports characters that reorder, hide or break the text around them.
func misleads(r rune) bool {
	if r < 0xa0 {
		return false
	}
	switch {
	case unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Cs):
		return true
	case r == 0x034f, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5,
		r >= 0x180b && r <= 0x180f, r == 0x2065, r == 0x3164, r == 0xffa0,
		r >= 0xfff0 && r <= 0xfff8, r >= 0xe0000 && r <= 0xe0fff:
		return true
	}
	return false
}

package safe

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fold is a search pattern in smart case: a pattern without upper-case letters
// matches either case, one with them matches exactly. The zero Fold matches everything.
type Fold struct {
	pattern string
	exact   bool
}

// NewFold prepares a pattern. It is sanitised as the texts were, so that
// pasted text finds itself.
func NewFold(pattern string) Fold {
	pattern = Line(pattern).s
	return Fold{pattern: pattern, exact: strings.IndexFunc(pattern, unicode.IsUpper) >= 0}
}

// Match reports whether the pattern occurs in t.
func (f Fold) Match(t Text) bool {
	start, _ := f.Find(t, 0)
	return start >= 0
}

// Find returns the byte range of the first occurrence at or after byte from,
// or -1, -1. The empty pattern matches the empty range at from.
func (f Fold) Find(t Text, from int) (start, end int) {
	if from < 0 || from > len(t.s) {
		return -1, -1
	}
	if f.exact || f.pattern == "" {
		if i := strings.Index(t.s[from:], f.pattern); i >= 0 {
			return from + i, from + i + len(f.pattern)
		}
		return -1, -1
	}
	first, _ := utf8.DecodeRuneInString(f.pattern)
	upper := unicode.ToUpper(first)
	for i := from; i < len(t.s); {
		r, size := utf8.DecodeRuneInString(t.s[i:])
		if r == first || r == upper || first >= utf8.RuneSelf && unicode.ToLower(r) == first {
			if n, ok := foldPrefix(t.s[i:], f.pattern); ok {
				return i, i + n
			}
		}
		i += size
	}
	return -1, -1
}

// foldPrefix reports whether s starts with the lower-case pattern in any case,
// and how many bytes of s that takes.
func foldPrefix(s, pattern string) (int, bool) {
	n := 0
	for _, want := range pattern {
		if n >= len(s) {
			return 0, false
		}
		r, size := utf8.DecodeRuneInString(s[n:])
		if r != want && unicode.ToLower(r) != want {
			return 0, false
		}
		n += size
	}
	return n, true
}

package workflow

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// The limits of StartExecution (AWS).
const (
	MaxInput   = 262_144 // bytes
	MaxRunName = 80      // characters
)

// CheckInput checks a run's input as StartExecution would: JSON of any kind, at
// most MaxInput bytes. The refusal gives line and column.
func CheckInput(input string) error {
	if len(input) > MaxInput {
		return refuse("input", "%d bytes are more than the %d that AWS takes; put large data into S3 and pass its key", len(input), MaxInput)
	}
	if !utf8.ValidString(input) {
		return refuse("input", "the text is not valid UTF-8")
	}
	if f := FindFault(input); f != nil {
		return refuse("input", "not JSON at line %d, column %d: %s", f.Line, f.Column, f.Reason)
	}
	return nil
}

// position turns a byte offset into line and column, both from 1, columns in characters.
func position(text string, offset int) (line, column int) {
	before := text[:max(0, min(offset, len(text)))]
	line = strings.Count(before, "\n") + 1
	return line, utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
}

// CheckRunName checks a name as StartExecution would.
func CheckRunName(name string) error {
	if name == "" {
		return refuse("name", "it is empty; leave it out to have one made")
	}
	if n := utf8.RuneCountInString(name); n > MaxRunName {
		return refuse("name", "%d characters are more than the %d that AWS takes", n, MaxRunName)
	}
	for _, r := range name {
		if !nameRune(r) {
			return refuse("name", "%q is not allowed; use letters, digits, '-', '_' and '.'", r)
		}
	}
	return nil
}

// nameRune reports whether AWS allows the character in a run's name.
func nameRune(r rune) bool {
	switch {
	case r <= 0x20, r >= 0x7f && r <= 0xa0, r == utf8.RuneError, r == 0xfffe, r == 0xffff, r == 0x10ffff:
		return false
	case strings.ContainsRune("<>{}[]?*\"#%\\^|~`$&,;:/", r), r == 0x2028, r == 0x2029, r == 0x3000, r == 0x1680,
		r >= 0x2000 && r <= 0x200a, r == 0x202f, r == 0x205f:
		return false
	}
	return true
}

// MakeRunName makes a legal name that sorts by time and says what the run does:
// the first words of the arguments, the UTC time, and a suffix that the caller
// draws at random. Names must be unique for 90 days (AWS: StartExecution).
func MakeRunName(args []string, now time.Time, suffix string) string {
	tail := fmt.Sprintf("%s-%s", now.UTC().Format("20060102-150405"), suffix)
	words := make([]string, 0, 2)
	for _, arg := range args {
		if w := nameWord(arg); w != "" && len(words) < 2 {
			words = append(words, w)
		}
	}
	head := strings.Join(words, "-")
	if head == "" {
		head = "run"
	}
	if room := MaxRunName - len(tail) - 1; len(head) > room {
		head = head[:room]
	}
	return head + "-" + tail
}

// nameWord keeps what may stand in a name; options and paths give nothing or their end.
func nameWord(arg string) string {
	if strings.HasPrefix(arg, "-") {
		return ""
	}
	arg = arg[strings.LastIndexByte(arg, '/')+1:]
	keep := func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' {
			return r
		}
		return -1
	}
	return strings.Map(keep, arg)
}

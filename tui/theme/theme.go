// Package theme gives each role that a piece of the screen plays its colour
// and style, ready to write, and each meaning its glyph.
package theme

// Role is what a piece of text means. The theme decides how it looks.
type Role int

// The roles.
const (
	Text Role = iota
	Dim
	Strong
	Title
	Key
	Border
	Cursor
	Mark
	Match
	Badge
	Danger
	Warning
	Info
	Running
	Succeeded
	Failed
	TimedOut
	Aborted
	Stuck
	Waiting
	String
	Number
	Keyword
	roles
)

// Profile is how many colours the terminal shows.
type Profile int

// The profiles. With NoColor bold, faint, underline and reverse stay.
const (
	NoColor Profile = iota
	ANSI16
	TrueColor
)

// Options choose a theme.
type Options struct {
	Profile Profile
	// Light is set on a light background.
	Light bool
	// ASCII draws glyphs and lines with ASCII characters alone.
	ASCII bool
}

const reset = "\x1b[m"

// Theme holds each role's escape sequence, made once.
type Theme struct {
	options Options
	prefix  [roles]string
	glyphs  *glyphSet
}

// New makes the theme for a terminal.
func New(o Options) *Theme {
	t := &Theme{options: o, glyphs: &unicodeGlyphs}
	if o.ASCII {
		t.glyphs = &asciiGlyphs
	}
	for role := range roles {
		t.prefix[role] = styles[role].sequence(o)
	}
	return t
}

// Options are those that the theme was made with.
func (t *Theme) Options() Options { return t.options }

// Paint is text in the role's look. Text must be safe to draw; the look ends
// with it.
func (t *Theme) Paint(r Role, text string) string {
	if t.prefix[r] == "" || text == "" {
		return text
	}
	return t.prefix[r] + text + reset
}

// On starts the role's look, for text that is written in pieces; Off ends it.
func (t *Theme) On(r Role) string { return t.prefix[r] }

// Off ends what On started.
func (t *Theme) Off(r Role) string {
	if t.prefix[r] == "" {
		return ""
	}
	return reset
}

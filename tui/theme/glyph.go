package theme

import "github.com/stepdeck/stepdeck/aws/workflow"

// Glyph is a drawn sign of one cell.
type Glyph int

// The glyphs, each one cell wide in both sets.
const (
	GlyphRunning Glyph = iota
	GlyphSucceeded
	GlyphFailed
	GlyphTimedOut
	GlyphAborted
	GlyphStuck
	GlyphUnknown
	GlyphCursor
	GlyphMark
	GlyphHorizontal
	GlyphVertical
	GlyphTee
	GlyphCross
	GlyphCornerTopLeft
	GlyphCornerTopRight
	GlyphCornerBottomLeft
	GlyphCornerBottomRight
	GlyphTeeLeft
	GlyphTeeRight
	GlyphTeeUp
	GlyphEllipsis
	GlyphCrumb
	GlyphUp
	GlyphDown
	GlyphRefresh
	GlyphPause
	GlyphFolded
	GlyphUnfolded
	GlyphChoice
	GlyphParallel
	GlyphLoop
	GlyphCatch
	GlyphArrow
	GlyphDot
	GlyphBlock
	GlyphLight
	GlyphTask
	GlyphWait
	glyphs
)

type glyphSet [glyphs]string

var unicodeGlyphs = glyphSet{
	GlyphRunning: "●", GlyphSucceeded: "✔", GlyphFailed: "✖", GlyphTimedOut: "◷", GlyphAborted: "■", GlyphStuck: "◐",
	GlyphUnknown: "·", GlyphCursor: "▌", GlyphMark: "◆", GlyphHorizontal: "─", GlyphVertical: "│", GlyphTee: "┬",
	GlyphCross: "┼", GlyphCornerTopLeft: "╭", GlyphCornerTopRight: "╮", GlyphCornerBottomLeft: "╰",
	GlyphCornerBottomRight: "╯", GlyphTeeLeft: "┤", GlyphTeeRight: "├", GlyphTeeUp: "┴", GlyphEllipsis: "…",
	GlyphCrumb: "›", GlyphUp: "▲", GlyphDown: "▼", GlyphRefresh: "⟳", GlyphPause: "‖", GlyphFolded: "▸",
	GlyphUnfolded: "▾", GlyphChoice: "◇", GlyphParallel: "▤", GlyphLoop: "↺", GlyphCatch: "⚠", GlyphArrow: "→",
	GlyphDot: "·", GlyphBlock: "█", GlyphLight: "░", GlyphTask: "○", GlyphWait: "◌",
}

var asciiGlyphs = glyphSet{
	GlyphRunning: "*", GlyphSucceeded: "+", GlyphFailed: "x", GlyphTimedOut: "t", GlyphAborted: "-", GlyphStuck: "?",
	GlyphUnknown: ".", GlyphCursor: ">", GlyphMark: "#", GlyphHorizontal: "-", GlyphVertical: "|", GlyphTee: "+",
	GlyphCross: "+", GlyphCornerTopLeft: "+", GlyphCornerTopRight: "+", GlyphCornerBottomLeft: "+",
	GlyphCornerBottomRight: "+", GlyphTeeLeft: "+", GlyphTeeRight: "+", GlyphTeeUp: "+", GlyphEllipsis: "~",
	GlyphCrumb: ">", GlyphUp: "^", GlyphDown: "v", GlyphRefresh: "@", GlyphPause: "=", GlyphFolded: "+",
	GlyphUnfolded: "-", GlyphChoice: "?", GlyphParallel: "=", GlyphLoop: "<", GlyphCatch: "!", GlyphArrow: ">",
	GlyphDot: ".", GlyphBlock: "#", GlyphLight: ".", GlyphTask: "o", GlyphWait: "w",
}

// Glyph is the sign in the theme's set.
func (t *Theme) Glyph(g Glyph) string { return t.glyphs[g] }

// Sign is how a status is shown: never by colour alone.
type Sign struct {
	Glyph string
	Word  string
	Role  Role
}

// Status is the sign of a run's status.
func (t *Theme) Status(s workflow.Status) Sign {
	switch s {
	case workflow.Running:
		return Sign{t.Glyph(GlyphRunning), "RUNNING", Running}
	case workflow.Succeeded:
		return Sign{t.Glyph(GlyphSucceeded), "SUCCEEDED", Succeeded}
	case workflow.Failed:
		return Sign{t.Glyph(GlyphFailed), "FAILED", Failed}
	case workflow.TimedOut:
		return Sign{t.Glyph(GlyphTimedOut), "TIMED_OUT", TimedOut}
	case workflow.Aborted:
		return Sign{t.Glyph(GlyphAborted), "ABORTED", Aborted}
	default:
		return Sign{t.Glyph(GlyphUnknown), string(s), Dim}
	}
}

// Stuck is the sign of a run that waits on a dead token.
func (t *Theme) Stuck() Sign { return Sign{t.Glyph(GlyphStuck), "STUCK", Stuck} }

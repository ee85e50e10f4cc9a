package tui

import (
	"slices"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// ToastKind says how a toast looks and how long it stays.
type ToastKind int

// The kinds of toast.
const (
	Info ToastKind = iota
	Done
	Warn
	Fail
)

// mostToasts are shown at once; the oldest go first. One has tallestToast lines
// at most.
const (
	mostToasts   = 3
	tallestToast = 4
)

type toast struct {
	kind  ToastKind
	text  safe.Text
	until time.Time
}

// toasts are those on the screen, the newest last. Equal ones are shown once.
type toasts struct{ shown []toast }

func (t *toasts) add(now time.Time, kind ToastKind, text safe.Text) {
	t.shown = slices.DeleteFunc(t.shown, func(o toast) bool { return o.kind == kind && o.text == text })
	t.shown = append(t.shown, toast{kind: kind, text: text, until: now.Add(kind.stay())})
	t.shown = t.shown[max(0, len(t.shown)-mostToasts):]
}

// expire takes away those whose time is over.
func (t *toasts) expire(now time.Time) {
	t.shown = slices.DeleteFunc(t.shown, func(o toast) bool { return !now.Before(o.until) })
}

// next is when the first of them expires.
func (t *toasts) next() (time.Time, bool) {
	if len(t.shown) == 0 {
		return time.Time{}, false
	}
	first := slices.MinFunc(t.shown, func(a, b toast) int { return a.until.Compare(b.until) })
	return first.until, true
}

func (k ToastKind) stay() time.Duration {
	if k == Warn || k == Fail {
		return 8 * time.Second
	}
	return 4 * time.Second
}

func (k ToastKind) look(t *theme.Theme) (sign string, role theme.Role) {
	switch k {
	case Done:
		return t.Glyph(theme.GlyphSucceeded), theme.Succeeded
	case Warn:
		return t.Glyph(theme.GlyphCatch), theme.Warning
	case Fail:
		return t.Glyph(theme.GlyphFailed), theme.Failed
	default:
		return t.Glyph(theme.GlyphDot), theme.Info
	}
}

// boxes are the toasts' lines from top to bottom, each at most w cells. What
// went wrong is told whole as far as tallestToast allows, the rest in a line.
func (t *toasts) boxes(th *theme.Theme, w int) []string {
	var lines []string
	for _, o := range t.shown {
		sign, role := o.kind.look(th)
		texts := o.lines(max(1, w-5), th.Glyph(theme.GlyphEllipsis))
		width := widest(texts)
		edge := th.Paint(role, th.Glyph(theme.GlyphVertical)) + " "
		for i, text := range texts {
			head := th.Paint(role, sign)
			if i > 0 {
				head = " "
			}
			lines = append(lines, edge+head+" "+fill(text, width)+" ")
		}
	}
	return lines
}

// lines are the text in lines of at most w cells.
func (o toast) lines(w int, more string) []string {
	text := o.text.OneLine()
	if o.kind != Warn && o.kind != Fail {
		return []string{text.Truncate(w).String()}
	}
	out := wrap(text.String(), w)
	if len(out) > tallestToast {
		last := clip(out[tallestToast-1], w-cells(more)) + more
		out = append(out[:tallestToast-1], last)
	}
	return out
}

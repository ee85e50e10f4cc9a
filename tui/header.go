package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// leastCrumbs is the room that the breadcrumbs get before badges but the
// first ones are left out.
const leastCrumbs = 36

// header is one row: where the user is on the left, the state of things on
// the right. In a narrow window what matters least is left out first.
func (r *Root) header() string {
	badges := r.badges()
	facts := r.facts()
	room := r.w - 2 - joinedWidth(badges)
	crumbs := r.crumbs()
	want := min(leastCrumbs, joinedWidth(crumbs)*2)
	for len(facts) > 0 && room-joinedWidth(facts) < want {
		facts = facts[1:]
	}
	left := r.breadcrumbs(crumbs, room-joinedWidth(facts))
	right := strings.Join(append(facts, badges...), "  ")
	return " " + fill(left, r.w-2-cells(right)) + " " + right
}

func joinedWidth(parts []string) int {
	w := 0
	for _, p := range parts {
		w += cells(p) + 2
	}
	return w
}

// badges are always shown.
func (r *Root) badges() []string {
	t := r.env.Theme
	var out []string
	if r.env.Where.Local {
		out = append(out, t.Paint(theme.Badge, " LOCAL "))
	}
	if r.env.Protected {
		out = append(out, t.Paint(theme.Danger, " PROTECTED "))
	}
	if r.env.ReadOnly {
		out = append(out, t.Paint(theme.Badge, " READ-ONLY "))
	}
	return out
}

// facts are shown as far as there is room; the first goes first.
func (r *Root) facts() []string {
	t := r.env.Theme
	var out []string
	if r.options.Meter != nil {
		rates := r.options.Meter()
		out = append(out, t.Paint(theme.Dim, fmt.Sprintf("API %d/min", rates.CallsPerMinute)))
		switch {
		case rates.ThrottlesPerMinute > 0:
			out = append(out, t.Paint(theme.Warning, fmt.Sprintf("%d throttled", rates.ThrottlesPerMinute)))
		case rates.Waiting > 0:
			out = append(out, t.Paint(theme.Warning, fmt.Sprintf("%d held back", rates.Waiting)))
		}
	}
	if age := r.age(); age != "" {
		out = append(out, age)
	}
	if r.failed > 0 {
		out = append(out, t.Paint(theme.Failed, fmt.Sprintf("%d failed", r.failed)))
	}
	if r.stuck > 0 {
		out = append(out, t.Paint(theme.Stuck, fmt.Sprintf("%d stuck", r.stuck)))
	}
	return out
}

func (r *Root) dated() (Dated, bool) {
	s := r.top()
	if s == nil {
		return nil, false
	}
	d, ok := s.screen.(Dated)
	return d, ok
}

func (r *Root) age() string {
	d, ok := r.dated()
	if !ok {
		return ""
	}
	t := r.env.Theme
	read, loading, missing := d.Freshness()
	text := t.Glyph(theme.GlyphRefresh) + " " + safe.Age(read, r.env.Clock.Now()).String()
	switch {
	case loading:
		text = t.Glyph(theme.GlyphRefresh) + " reading"
	case r.paused:
		text = t.Glyph(theme.GlyphPause) + " " + safe.Age(read, r.env.Clock.Now()).String()
	case read.IsZero():
		text = ""
	}
	if missing != "" {
		text = strings.TrimSpace(safe.Line(missing).String() + " " + text)
	}
	return t.Paint(theme.Dim, strings.TrimSpace(text))
}

// nextAge is when the age that is shown changes.
func (r *Root) nextAge(now time.Time) (time.Time, bool) {
	d, ok := r.dated()
	if !ok || r.blurred || !r.fits() {
		return time.Time{}, false
	}
	read, loading, _ := d.Freshness()
	if read.IsZero() || loading {
		return time.Time{}, false
	}
	unit := time.Second
	switch old := now.Sub(read); {
	case old >= time.Hour:
		unit = time.Hour
	case old >= time.Minute:
		unit = time.Minute
	}
	return now.Add(unit - now.Sub(read)%unit), true
}

// crumbs are the parts of the way to the top screen, unpainted.
func (r *Root) crumbs() []string {
	where := r.env.Where
	var parts []string
	for _, p := range []safe.Text{where.Profile, where.Account, where.Region} {
		if !p.Empty() {
			parts = append(parts, p.OneLine().String())
		}
	}
	crumbs := []string{strings.Join(parts, r.env.Theme.Glyph(theme.GlyphDot))}
	if crumbs[0] == "" {
		crumbs = nil
	}
	for _, s := range r.stack {
		crumbs = append(crumbs, s.screen.Title())
	}
	return crumbs
}

// breadcrumbs leaves out parts in the middle until the rest fits: the last
// part stays, cut itself only where it alone is too wide.
func (r *Root) breadcrumbs(crumbs []string, w int) string {
	t := r.env.Theme
	sep := " " + t.Glyph(theme.GlyphCrumb) + " "
	last := crumbs[len(crumbs)-1]
	more := t.Glyph(theme.GlyphEllipsis)
	width := func() int { return cells(strings.Join(crumbs, sep)) }
	for first := true; width() > w && len(crumbs) > 2; first = false {
		if first {
			crumbs = append([]string{crumbs[0], more}, crumbs[2:]...)
		} else {
			crumbs = append([]string{crumbs[0], more}, crumbs[3:]...)
		}
		if len(crumbs) == 3 {
			break
		}
	}
	if width() > w && len(crumbs) > 1 {
		crumbs = []string{more, last}
	}
	if width() > w {
		return t.Paint(theme.Title, safe.Line(last).TruncateMiddle(max(0, w)).String())
	}
	before := strings.Join(crumbs[:len(crumbs)-1], sep)
	if before != "" {
		before += sep
	}
	return t.Paint(theme.Dim, before) + t.Paint(theme.Title, last)
}

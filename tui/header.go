package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// fact is something on the right of the header. It is shown only as long as
// the breadcrumbs keep room for what need says.
type fact struct {
	text string
	need need
}

// need says how much of the breadcrumbs comes before a fact.
type need int

const (
	lastCrumb need = iota
	endCrumbs      // the first and the last
	allCrumbs
)

// header is one row: where the user is on the left, the state of things on
// the right. In a narrow window what matters least is left out first.
func (r *Root) header() string {
	facts := r.facts()
	room := r.w - 2 - joinedWidth(r.badges())
	crumbs := r.crumbs()
	for len(facts) > 0 && room-factsWidth(facts) < r.crumbsWidth(crumbs, facts[0].need) {
		facts = facts[1:]
	}
	left := r.breadcrumbs(crumbs, room-factsWidth(facts))
	var right []string
	for _, f := range facts {
		right = append(right, f.text)
	}
	end := strings.Join(append(right, r.badges()...), "  ")
	return " " + fill(left, r.w-2-cells(end)) + " " + end
}

// crumbsWidth is the room that as much of the breadcrumbs takes as is needed.
func (r *Root) crumbsWidth(crumbs []string, n need) int {
	last := crumbs[len(crumbs)-1]
	if n == lastCrumb && len(crumbs) > 1 {
		crumbs = []string{r.env.Theme.Glyph(theme.GlyphEllipsis), last}
	}
	if n == endCrumbs && len(crumbs) > 2 {
		crumbs = []string{crumbs[0], r.env.Theme.Glyph(theme.GlyphEllipsis), last}
	}
	// Where even the last part is long, facts come before the whole of it.
	return min(cells(strings.Join(crumbs, " › ")), r.w/2)
}

func factsWidth(facts []fact) int {
	w := 0
	for _, f := range facts {
		w += cells(f.text) + 2
	}
	return w
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
	for _, w := range r.backgrounds {
		out = append(out, t.Paint(theme.Running, w.badge.OneLine().Truncate(24).String()))
	}
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
func (r *Root) facts() []fact {
	t := r.env.Theme
	var out []fact
	add := func(n need, role theme.Role, text string) { out = append(out, fact{t.Paint(role, text), n}) }
	if r.options.Meter != nil {
		rates := r.options.Meter()
		add(allCrumbs, theme.Dim, fmt.Sprintf("API %d/min", rates.CallsPerMinute))
		switch {
		case rates.ThrottlesPerMinute > 0:
			add(endCrumbs, theme.Warning, fmt.Sprintf("%d throttled", rates.ThrottlesPerMinute))
		case rates.Waiting > 0:
			add(endCrumbs, theme.Warning, fmt.Sprintf("%d held back", rates.Waiting))
		}
	}
	if age := r.age(); age != "" {
		add(lastCrumb, theme.Dim, age)
	}
	now := r.env.Clock.Now()
	if r.failed.runs > 0 {
		add(lastCrumb, theme.Failed, r.failed.text("failed", now))
	}
	if r.stuck.runs > 0 {
		add(lastCrumb, theme.Stuck, r.stuck.text("stuck", now))
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
	case r.following():
		text = t.Glyph(theme.GlyphRefresh) + " live"
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
	return strings.TrimSpace(text)
}

// following reports that the top screen is told what is new.
func (r *Root) following() bool {
	s := r.top()
	if s == nil || r.paused {
		return false
	}
	f, ok := s.screen.(Follower)
	return ok && f.Following()
}

// nextAge is when the age that is shown changes.
func (r *Root) nextAge(now time.Time) (time.Time, bool) {
	d, ok := r.dated()
	if !ok || r.blurred || !r.fits() || r.following() {
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
	if width() > w && len(crumbs) > 2 {
		rest := crumbs[2:]
		for crumbs = join(crumbs[0], more, rest); width() > w && len(rest) > 1; crumbs = join(crumbs[0], more, rest) {
			rest = rest[1:]
		}
	}
	if profile := r.env.Where.Profile.OneLine(); width() > w && len(crumbs) > 1 && !profile.Empty() {
		crumbs = join(profile.String(), crumbs[1], crumbs[2:])
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

func join(first, second string, rest []string) []string {
	return append([]string{first, second}, rest...)
}

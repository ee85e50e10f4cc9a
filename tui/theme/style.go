package theme

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
)

// looks are what a style adds besides its colour.
type looks []func(lipgloss.Style) lipgloss.Style

func bold(s lipgloss.Style) lipgloss.Style      { return s.Bold(true) }
func faint(s lipgloss.Style) lipgloss.Style     { return s.Faint(true) }
func underline(s lipgloss.Style) lipgloss.Style { return s.Underline(true) }
func reverse(s lipgloss.Style) lipgloss.Style   { return s.Reverse(true) }

// hue is a role's colour: the terminal's own of 16, and for terminals that
// show all colours one for a dark and one for a light background. The zero hue
// is the terminal's default.
type hue struct {
	ansi        color.Color
	dark, light string
}

// style is the look of a role. plain replaces the attributes where there is no
// colour to tell the role by.
type style struct {
	attributes looks
	plain      looks
	color      hue
}

var styles = [roles]style{
	Dim:       {attributes: looks{faint}, plain: looks{faint}},
	Strong:    {attributes: looks{bold}, plain: looks{bold}},
	Title:     {attributes: looks{bold}, plain: looks{bold}, color: hue{lipgloss.Cyan, "#7dcfff", "#007197"}},
	Key:       {attributes: looks{bold}, plain: looks{bold}, color: hue{lipgloss.Blue, "#7aa2f7", "#2e5cc7"}},
	Border:    {attributes: looks{faint}, plain: looks{faint}},
	Cursor:    {attributes: looks{bold}, plain: looks{bold}, color: hue{lipgloss.Cyan, "#7dcfff", "#007197"}},
	Mark:      {attributes: looks{bold}, plain: looks{bold}, color: hue{lipgloss.Magenta, "#bb9af7", "#7847bd"}},
	Match:     {attributes: looks{underline}, plain: looks{reverse}, color: hue{lipgloss.Yellow, "#e0af68", "#8c6c3e"}},
	Badge:     {attributes: looks{reverse}, plain: looks{reverse}},
	Danger:    {attributes: looks{bold, reverse}, plain: looks{bold, reverse}, color: hue{lipgloss.Red, "#f7768e", "#c4254b"}},
	Warning:   {color: hue{lipgloss.Yellow, "#e0af68", "#8c6c3e"}, plain: looks{bold}},
	Info:      {color: hue{lipgloss.Cyan, "#7dcfff", "#007197"}},
	Running:   {color: hue{lipgloss.Blue, "#7aa2f7", "#2e5cc7"}},
	Succeeded: {color: hue{lipgloss.Green, "#9ece6a", "#587539"}},
	Failed:    {color: hue{lipgloss.Red, "#f7768e", "#c4254b"}, plain: looks{bold}},
	TimedOut:  {color: hue{lipgloss.Yellow, "#e0af68", "#8c6c3e"}, plain: looks{bold}},
	Aborted:   {attributes: looks{faint}, plain: looks{faint}},
	Stuck:     {attributes: looks{bold}, color: hue{lipgloss.Magenta, "#bb9af7", "#7847bd"}, plain: looks{bold}},
	Waiting:   {attributes: looks{faint}, color: hue{lipgloss.Blue, "#7aa2f7", "#2e5cc7"}, plain: looks{faint}},
	String:    {color: hue{lipgloss.Green, "#9ece6a", "#587539"}},
	Number:    {color: hue{lipgloss.Yellow, "#e0af68", "#8c6c3e"}},
	Keyword:   {color: hue{lipgloss.Magenta, "#bb9af7", "#7847bd"}},
}

// sequence is the escape sequence that starts the style; "" where it changes
// nothing. Lip Gloss renders a sign once, and what stands before the sign is
// written from then on: rendering each cell would cost 200 times as much.
func (s style) sequence(o Options) string {
	const sign = "x"
	attributes := s.attributes
	if o.Profile == NoColor {
		attributes = s.plain
	}
	look := lipgloss.NewStyle()
	for _, add := range attributes {
		look = add(look)
	}
	if c := s.color.choose(o); c != nil {
		look = look.Foreground(c)
	}
	before, _, _ := strings.Cut(look.Render(sign), sign)
	return before
}

func (h hue) choose(o Options) color.Color {
	switch {
	case h.ansi == nil || o.Profile == NoColor:
		return nil
	case o.Profile == ANSI16:
		return h.ansi
	case o.Light:
		return lipgloss.Color(h.light)
	default:
		return lipgloss.Color(h.dark)
	}
}

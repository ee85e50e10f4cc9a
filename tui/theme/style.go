package theme

import (
	"strconv"
	"strings"
)

// attribute is an SGR code that needs no colour.
type attribute string

const (
	bold      attribute = "1"
	faint     attribute = "2"
	underline attribute = "4"
	reverse   attribute = "7"
)

// color is a role's colour: the terminal's own of 16, and for terminals that
// show all colours one for a dark and one for a light background. The zero
// color is the terminal's default.
type color struct {
	ansi        int // 30…37, 90…97
	dark, light uint32
}

// style is the look of a role. plain replaces the attributes where there is no
// colour to tell the role by.
type style struct {
	attributes []attribute
	plain      []attribute
	color      color
}

var styles = [roles]style{
	Dim:       {attributes: []attribute{faint}, plain: []attribute{faint}},
	Strong:    {attributes: []attribute{bold}, plain: []attribute{bold}},
	Title:     {attributes: []attribute{bold}, plain: []attribute{bold}, color: color{36, 0x7dcfff, 0x007197}},
	Key:       {attributes: []attribute{bold}, plain: []attribute{bold}, color: color{34, 0x7aa2f7, 0x2e5cc7}},
	Border:    {attributes: []attribute{faint}, plain: []attribute{faint}},
	Cursor:    {attributes: []attribute{bold}, plain: []attribute{bold}, color: color{36, 0x7dcfff, 0x007197}},
	Mark:      {attributes: []attribute{bold}, plain: []attribute{bold}, color: color{35, 0xbb9af7, 0x7847bd}},
	Match:     {attributes: []attribute{underline}, plain: []attribute{reverse}, color: color{33, 0xe0af68, 0x8c6c3e}},
	Badge:     {attributes: []attribute{reverse}, plain: []attribute{reverse}},
	Danger:    {attributes: []attribute{bold, reverse}, plain: []attribute{bold, reverse}, color: color{31, 0xf7768e, 0xc4254b}},
	Warning:   {color: color{33, 0xe0af68, 0x8c6c3e}, plain: []attribute{bold}},
	Info:      {color: color{36, 0x7dcfff, 0x007197}},
	Running:   {color: color{34, 0x7aa2f7, 0x2e5cc7}},
	Succeeded: {color: color{32, 0x9ece6a, 0x587539}},
	Failed:    {color: color{31, 0xf7768e, 0xc4254b}, plain: []attribute{bold}},
	TimedOut:  {color: color{33, 0xe0af68, 0x8c6c3e}, plain: []attribute{bold}},
	Aborted:   {attributes: []attribute{faint}, plain: []attribute{faint}},
	Stuck:     {attributes: []attribute{bold}, color: color{35, 0xbb9af7, 0x7847bd}, plain: []attribute{bold}},
	Waiting:   {attributes: []attribute{faint}, color: color{34, 0x7aa2f7, 0x2e5cc7}, plain: []attribute{faint}},
	String:    {color: color{32, 0x9ece6a, 0x587539}},
	Number:    {color: color{33, 0xe0af68, 0x8c6c3e}},
	Keyword:   {color: color{35, 0xbb9af7, 0x7847bd}},
}

func (s style) sequence(o Options) string {
	var codes []string
	attributes := s.attributes
	if o.Profile == NoColor {
		attributes = s.plain
	}
	for _, a := range attributes {
		codes = append(codes, string(a))
	}
	if code := s.color.code(o); code != "" {
		codes = append(codes, code)
	}
	if len(codes) == 0 {
		return ""
	}
	return "\x1b[" + strings.Join(codes, ";") + "m"
}

func (c color) code(o Options) string {
	switch {
	case c.ansi == 0 || o.Profile == NoColor:
		return ""
	case o.Profile == ANSI16:
		return strconv.Itoa(c.ansi)
	}
	rgb := c.dark
	if o.Light {
		rgb = c.light
	}
	parts := []string{"38", "2"}
	for _, shift := range []uint{16, 8, 0} {
		parts = append(parts, strconv.Itoa(int(rgb>>shift&0xff)))
	}
	return strings.Join(parts, ";")
}

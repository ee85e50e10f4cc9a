package tuitest

import (
	"fmt"
	"html"
	"image/color"
	"io"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

// The measures of a cell in the picture.
const (
	cellWidth  = 8.4
	cellHeight = 18
	margin     = 12
)

var (
	paper = color.RGBA{0x1a, 0x1b, 0x26, 0xff}
	ink   = color.RGBA{0xc0, 0xca, 0xf5, 0xff}
)

func cellsOf(text string) int { return ansi.StringWidth(text) }

// SVG draws a frame of w×h cells as a picture of a dark terminal.
func SVG(out io.Writer, frame string, w, h int) error {
	screen := vt.NewEmulator(w, h)
	// The emulator waits for somebody to read its answers; a frame asks nothing.
	if _, err := screen.WriteString(strings.ReplaceAll(frame, "\n", "\r\n")); err != nil {
		return fmt.Errorf("draw the frame: %w", err)
	}
	width, height := float64(w)*cellWidth+2*margin, h*cellHeight+2*margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%d" viewBox="0 0 %.0f %d">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", hex(paper))
	fmt.Fprintf(&b, `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,monospace" font-size="14" fill="%s" xml:space="preserve">`+"\n", hex(ink))
	for y := range h {
		for _, r := range runs(screen, w, y) {
			r.draw(&b, y)
		}
	}
	b.WriteString("</g>\n</svg>\n")
	_, err := io.WriteString(out, b.String())
	return err
}

// run is text of one look in a row.
type run struct {
	x, cells int
	text     strings.Builder
	style    uv.Style
}

func runs(screen *vt.Emulator, w, y int) []*run {
	var out []*run
	for x := 0; x < w; x++ {
		cell := screen.CellAt(x, y)
		if cell == nil {
			continue
		}
		width := max(1, cell.Width)
		content := cell.Content
		if content == "" {
			content = " "
		}
		if len(out) == 0 || !out[len(out)-1].style.Equal(&cell.Style) {
			out = append(out, &run{x: x, style: cell.Style})
		}
		last := out[len(out)-1]
		last.text.WriteString(content)
		last.cells += width
		x += width - 1
	}
	return out
}

func (r *run) draw(b *strings.Builder, y int) {
	fg, bg := r.style.Fg, r.style.Bg
	if r.style.Attrs&uv.AttrReverse != 0 {
		fg, bg = or(bg, paper), or(fg, ink)
	}
	x, width := margin+float64(r.x)*cellWidth, float64(r.cells)*cellWidth
	if bg != nil {
		fmt.Fprintf(b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", x, margin+y*cellHeight, width, cellHeight, hex(bg))
	}
	text := r.text.String()
	if strings.TrimSpace(text) == "" {
		return
	}
	look := ""
	if fg != nil {
		look += fmt.Sprintf(` fill="%s"`, hex(fg))
	}
	if r.style.Attrs&uv.AttrBold != 0 {
		look += ` font-weight="bold"`
	}
	if r.style.Attrs&uv.AttrFaint != 0 {
		look += ` opacity="0.6"`
	}
	if r.style.Underline != uv.UnderlineNone {
		look += ` text-decoration="underline"`
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%d" textLength="%.1f"%s>%s</text>`+"\n", x, margin+y*cellHeight+13, width, look, html.EscapeString(text))
}

func or(c, other color.Color) color.Color {
	if c == nil {
		return other
	}
	return c
}

func hex(c color.Color) string {
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}

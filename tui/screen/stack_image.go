package screen

import (
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// imageSpans tell whether tasks run the newest image.
func (x *stackScreen) imageSpans() sheetLine {
	t := x.s.Theme
	switch {
	case x.state.Image == "":
		return sheetLine{said(theme.Warning, "   "+t.Glyph(theme.GlyphCatch)+" no image yet")}
	case x.image == nil:
		return sheetLine{said(theme.Dim, "   image "+shortDigest(x.state.Image))}
	case x.image.Deployed != nil && x.image.Deployed.Missing:
		return sheetLine{said(theme.Failed, "   "+t.Glyph(theme.GlyphFailed)+" image is gone")}
	case x.image.Outdated():
		return sheetLine{said(theme.Warning, "   "+t.Glyph(theme.GlyphCatch)+" image is not the newest")}
	}
	return sheetLine{said(theme.Text, "   image "+shortDigest(x.state.Image)+" is the newest")}
}

// shortDigest is enough of a digest to tell it from others.
func shortDigest(image string) string {
	if _, digest, ok := strings.Cut(image, "sha256:"); ok && len(digest) >= 12 {
		return safe.Line(digest[:12]).String()
	}
	return safe.Line(image).Truncate(24).String()
}

// imagePage is the image where it is deployed, where it is newest, and here.
func (x *stackScreen) imagePage(w int) []sheetLine {
	t := x.s.Theme
	switch {
	case x.repository() == "":
		return []sheetLine{dimLine(safe.Line(" there is no repository yet: the first deployment of the stack makes it"))}
	case x.image == nil && x.imageErr != nil:
		return problemPage(t, x.imageErr, w)
	case x.image == nil:
		return []sheetLine{dimLine(safe.Line(" reading" + t.Glyph(theme.GlyphEllipsis)))}
	}
	lines := labelled(" repository", 14, theme.Text, safe.Line(x.image.Repository), w)
	lines = append(lines, sheetLine{})
	lines = append(lines, x.placed(" deployed", x.image.Deployed, "no task definition runs an image yet", w)...)
	if base := x.image.base.Reference(); base != "" {
		lines = append(lines, labelled("", 14, theme.Dim, standsOn(base), w)...)
	} else if err := x.image.undescribed; err != nil {
		lines = append(lines, labelled("", 14, theme.Warning, safe.Linef("what it stands on is not known: %s", briefly(err)), w)...)
	}
	lines = append(lines, x.placed(" newest", x.image.Newest, "nothing was pushed yet: B builds an image and pushes it", w)...)
	lines = append(lines, labelled(" here", 14, theme.Text, x.here(), w)...)
	lines = append(lines, sheetLine{})
	if n := len(x.image.Unused); n > 0 {
		lines = append(lines, labelled(" unused", 14, theme.Dim, safe.Linef("images that no task definition names: %d", n), w)...)
	}
	if x.image.Outdated() {
		lines = append(lines, sheetLine{said(theme.Warning, " enter plans a deployment of the newest image")})
	}
	if x.imageErr != nil {
		lines = append(lines, problemPage(t, x.imageErr, w)...)
	}
	return lines
}

func (x *stackScreen) here() safe.Text {
	switch built := x.image.Local; {
	case x.image.undescribed != nil:
		return safe.Line("not known: an image made here is compared on the base of the deployed one")
	case x.image.unbuilt != nil:
		return safe.Linef("not known: %s", briefly(x.image.unbuilt))
	case built == nil:
		return safe.Line("not known")
	case x.image.LocalPushed:
		return safe.Linef("%s, which was pushed", shortDigest(built.Digest))
	default:
		return safe.Linef("%s, which was not pushed: B pushes it", shortDigest(built.Digest))
	}
}

// placed is an image in its place with what its scan found.
func (x *stackScreen) placed(label string, p *image.Placed, none string, w int) []sheetLine {
	switch {
	case p == nil:
		return labelled(label, 14, theme.Dim, safe.Line(none), w)
	case p.Missing:
		return labelled(label, 14, theme.Failed, safe.Linef("%s is not in the repository: tasks cannot start", shortDigest(p.Digest)), w)
	}
	text := safe.Line(shortDigest(strings.TrimPrefix(p.Digest, "@")))
	if p.Digest == "" {
		text = safe.Line(p.Image)
	}
	if p.Bytes > 0 {
		text = safe.Linef("%s  %s  pushed %s", text, safe.Bytes(p.Bytes), agoText(p.Pushed, x.s.Clock.Now()))
	}
	lines := labelled(label, 14, theme.Text, text, w)
	return append(lines, labelled("", 14, foundRole(p.Findings), found(p.Findings), w)...)
}

var severities = []string{"CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED"}

func found(f image.Findings) safe.Text {
	var parts []safe.Text
	for _, severity := range severities {
		if n := f.Counts[severity]; n > 0 {
			parts = append(parts, safe.Linef("%d %s", n, strings.ToLower(severity)))
		}
	}
	switch {
	case f.Status == "":
		return safe.Line("not scanned")
	case len(parts) > 0:
		return safe.Join(", ", parts...)
	case f.Status == "COMPLETE" || f.Status == "ACTIVE":
		return safe.Line("the scan found nothing")
	}
	return safe.Join(": ", slices.DeleteFunc([]safe.Text{safe.Linef("scan %s", f.Status), f.Reason}, safe.Text.Empty)...)
}

func foundRole(f image.Findings) theme.Role {
	switch {
	case f.Counts["CRITICAL"] > 0:
		return theme.Failed
	case f.Counts["HIGH"] > 0:
		return theme.Warning
	}
	return theme.Dim
}

package theme_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/theme"
)

var all = []theme.Options{
	{Profile: theme.NoColor},
	{Profile: theme.ANSI16},
	{Profile: theme.ANSI16, Light: true},
	{Profile: theme.TrueColor},
	{Profile: theme.TrueColor, Light: true},
	{Profile: theme.NoColor, ASCII: true},
}

func TestPaintWritesLooksAndEndsThem(t *testing.T) {
	form := regexp.MustCompile(`^(\x1b\[[0-9;]+m)text\x1b\[m$`)
	for _, o := range all {
		th := theme.New(o)
		for role := theme.Text; role <= theme.Keyword; role++ {
			got := th.Paint(role, "text")
			if got != "text" && !form.MatchString(got) {
				t.Errorf("%+v, role %d: %q", o, role, got)
			}
			if th.On(role)+"text"+th.Off(role) != got {
				t.Errorf("%+v, role %d: On and Off differ from Paint", o, role)
			}
			if th.Paint(role, "") != "" {
				t.Errorf("%+v, role %d: nothing is painted", o, role)
			}
		}
	}
}

func TestWithoutColorsOnlyAttributesAreWritten(t *testing.T) {
	attributes := regexp.MustCompile(`^(\x1b\[([12478])(;[12478])*m)?$`)
	th := theme.New(theme.Options{Profile: theme.NoColor})
	for role := theme.Text; role <= theme.Keyword; role++ {
		if on := th.On(role); !attributes.MatchString(on) {
			t.Errorf("role %d: %q", role, on)
		}
	}
}

func TestSixteenColorsAreTheTerminalsOwn(t *testing.T) {
	th := theme.New(theme.Options{Profile: theme.ANSI16})
	for role := theme.Text; role <= theme.Keyword; role++ {
		if strings.Contains(th.On(role), "38;") {
			t.Errorf("role %d: %q", role, th.On(role))
		}
	}
}

func TestEveryGlyphIsOneCell(t *testing.T) {
	for _, ascii := range []bool{false, true} {
		th := theme.New(theme.Options{ASCII: ascii})
		for g := theme.GlyphRunning; g <= theme.GlyphWait; g++ {
			sign := th.Glyph(g)
			if ansi.StringWidth(sign) != 1 {
				t.Errorf("glyph %d, ascii %v: %q is %d cells wide", g, ascii, sign, ansi.StringWidth(sign))
			}
			if ascii && (len(sign) != 1 || sign[0] < ' ' || sign[0] > '~') {
				t.Errorf("glyph %d: %q is not ASCII", g, sign)
			}
		}
	}
}

// A status must be told without colours, and without reading the word.
func TestEveryStatusHasASignOfItsOwn(t *testing.T) {
	for _, ascii := range []bool{false, true} {
		th := theme.New(theme.Options{ASCII: ascii})
		seen := map[string]string{}
		signs := []theme.Sign{th.Stuck()}
		for _, s := range []workflow.Status{workflow.Running, workflow.Succeeded, workflow.Failed, workflow.TimedOut, workflow.Aborted} {
			sign := th.Status(s)
			if sign.Word != string(s) {
				t.Errorf("%s is called %q", s, sign.Word)
			}
			signs = append(signs, sign)
		}
		for _, sign := range signs {
			if other, taken := seen[sign.Glyph]; taken {
				t.Errorf("%s and %s are both %q", other, sign.Word, sign.Glyph)
			}
			seen[sign.Glyph] = sign.Word
		}
	}
}

func TestAnUnknownStatusIsShownAsItIs(t *testing.T) {
	if got := theme.New(theme.Options{}).Status("PAUSED"); got.Word != "PAUSED" {
		t.Errorf("it is called %q", got.Word)
	}
}

package widget_test

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/stepdeck/stepdeck/tui/tuitest"
	"github.com/stepdeck/stepdeck/tui/widget"
)

func TestTheRightPaneStandsBesideALeftOneThatIsShort(t *testing.T) {
	const left, right = 46, 71
	view := widget.Beside(plain(), "a\nb", left, strings.Repeat("x", right), 3)
	if err := tuitest.Exact(view, 120, 3); err != nil {
		t.Error(err)
	}
	if first, _, _ := strings.Cut(ansi.Strip(view), "\n"); ansi.StringWidth(first) != 120 {
		t.Errorf("the first line takes %d cells", ansi.StringWidth(first))
	}
}

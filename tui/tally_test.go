package tui_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/tui"
)

func TestOldCountsTellTheirAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		told := tui.Attention(3, 1)
		home.act = func(*tui.Scope) tea.Cmd { return told }
		d := drive(t, home)
		d.Press("l", "enter")
		for _, step := range []struct {
			by   time.Duration
			want string
		}{{0, "3 failed  1 stuck"}, {119 * time.Second, "3 failed  1 stuck"}, {time.Second, "3 failed 2m ago  1 stuck 2m ago"}, {time.Minute, "3 failed 3m ago"}, {2 * time.Hour, "3 failed 2h ago"}} {
			d.Advance(step.by)
			mustShow(t, d, step.want)
		}
		told = tui.Stuck(2)
		d.Press("esc", "l")
		mustShow(t, d, "3 failed 2h ago  2 stuck")
		if strings.Contains(d.Text(), "2 stuck 2h") {
			t.Errorf("the new count has the age of the one before:\n%s", d.Text())
		}
	})
}

package tui_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
)

func TestAZoomedScreenHasTheWholeWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		d := drive(t, home)
		framed := d.Text()
		d.Press("z")
		mustShow(t, d, "z or esc brings the frame back")
		d.Advance(time.Minute)
		if text := d.Text(); strings.Contains(text, "home") || strings.Contains(text, "? help") || strings.Contains(text, "─") {
			t.Errorf("the frame is there:\n%s", text)
		}
		home.seen = nil
		d.Send(tea.MouseClickMsg{X: 5, Y: 1})
		if len(home.seen) != 1 || home.seen[0] != (tea.MouseClickMsg{X: 5, Y: 1}) {
			t.Errorf("the screen got %v", home.seen)
		}
		for _, back := range []string{"z", "esc"} {
			d.Press(back)
			if d.Text() != framed {
				t.Errorf("%s does not bring the frame back:\n%s", back, d.Text())
			}
			d.Press("z")
			d.Advance(time.Minute)
		}
	})
}

func TestAZoomedScreenMakesRoomForALine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, newToy("home"))
		d.Press("z")
		d.Advance(time.Minute)
		before := strings.Count(d.Text(), "FAILED")
		d.Press("/")
		d.Type("abc")
		mustShow(t, d, "/abc")
		d.Press("esc")
		if after := strings.Count(d.Text(), "FAILED"); after != before {
			t.Errorf("%d rows are shown, before the line it was %d", after, before)
		}
	})
}

func TestOnlyTheZoomedScreenIsWithoutFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, newToy("home"))
		d.Press("z", "enter")
		mustShow(t, d, "home+", "? help")
		d.Press("esc")
		d.Advance(time.Minute)
		if strings.Contains(d.Text(), "? help") {
			t.Errorf("the screen that was covered has its frame again:\n%s", d.Text())
		}
		d.Press("esc", "enter", "z", "q")
		mustShow(t, d, "home", "? help")
	})
}

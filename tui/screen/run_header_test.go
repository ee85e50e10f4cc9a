package screen

import (
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/tui/tuitest"
)

func TestTheSmallestWindowNamesEveryTab(t *testing.T) {
	drive(t, storyFailed, TabVerdict, 60, 15, func(_ *world, d *tuitest.Driver) {
		for _, key := range strings.Split("1234567", "") {
			d.Press(key)
			see(t, d, "1 verdict", "2 timeline", "3 graph", "4 events", "5 i/o", "6 task", "7 log")
		}
	})
}

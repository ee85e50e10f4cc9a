package screen

import (
	"fmt"
	"testing"

	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

var (
	ansi16   = theme.Options{Profile: theme.ANSI16}
	allLooks = map[string]theme.Options{
		"colour": {Profile: theme.TrueColor}, "16": ansi16,
		"none": {Profile: theme.NoColor}, "ascii": {Profile: theme.NoColor, ASCII: true},
	}
	allSizes = []struct{ w, h int }{{80, 24}, {120, 40}, {200, 60}}
)

// view is a window of a size in a look.
type view struct {
	look    string
	options theme.Options
	w, h    int
}

// views are all sizes in 16 colours, and the smallest in every look: the layout is
// the same in each.
func views() []view {
	var all []view
	for look, options := range allLooks {
		for _, size := range allSizes {
			if size.w == 80 || look == "16" {
				all = append(all, view{look, options, size.w, size.h})
			}
		}
	}
	return all
}

func (v view) name() string { return fmt.Sprintf("%s_%d", v.look, v.w) }

// golden holds the window against the file of what it shows.
func (v view) golden(t *testing.T, of string, d *tuitest.Driver) {
	t.Helper()
	if err := tuitest.Exact(d.Frame(), v.w, v.h); err != nil {
		t.Error(err)
	}
	tuitest.Golden(t, of+"_"+v.name(), d.Frame())
}

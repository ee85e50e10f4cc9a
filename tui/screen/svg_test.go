package screen

import (
	"path/filepath"
	"testing"

	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// The README shows what the screens look like. They are drawn from what the
// tests of the screens keep.
func TestPicturesOfTheREADME(t *testing.T) {
	for picture, kept := range map[string]string{
		"home": "home_colour_80", "verdict": "run_colour_verdict", "graph": "run_colour_graph",
	} {
		tuitest.Picture(t, filepath.Join("..", "testdata", picture+".svg"), kept, 80, 24)
	}
}

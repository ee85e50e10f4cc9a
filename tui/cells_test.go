package tui

import "testing"

// The library cuts characters that join with the one before them at another width than it measures.
func TestABoxOverCharactersThatJoinKeepsTheWidth(t *testing.T) {
	for at := range 70 {
		lines := []string{fill("x🏿", 79)}
		overlay(lines, []string{"[ box ]"}, at, 0, 80)
		if got := cells(lines[0]); got > 80 {
			t.Errorf("with a box at %d the line is %d cells wide", at, got)
		}
	}
}

package shippedtest

import (
	"testing"
	"time"
)

// patience is for what a loaded machine does in seconds.
const patience = 2 * time.Minute

// Eventually polls until a condition holds.
func Eventually(t testing.TB, what string, condition func() error) {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	limit := time.After(patience)
	for {
		err := condition()
		if err == nil {
			return
		}
		select {
		case <-ticker.C:
		case <-limit:
			t.Fatalf("%s: waited %s: %v", what, patience, err)
		}
	}
}

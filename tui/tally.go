package tui

import (
	"fmt"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// tally is a count in the header. Who counts may be covered by other screens,
// and then reads no more.
type tally struct {
	runs int
	at   time.Time
}

// freshFor is how long a count goes without its age.
const freshFor = 2 * time.Minute

func (c tally) text(what string, now time.Time) string {
	text := fmt.Sprintf("%d %s", c.runs, what)
	if now.Sub(c.at) < freshFor {
		return text
	}
	return text + " " + safe.Age(c.at, now).String() + " ago"
}

// nextAge is when the text changes by itself.
func (c tally) nextAge(now time.Time) (time.Time, bool) {
	old := now.Sub(c.at)
	switch {
	case c.runs == 0:
		return time.Time{}, false
	case old < freshFor:
		return c.at.Add(freshFor), true
	case old < time.Hour:
		return now.Add(time.Minute - old%time.Minute), true
	}
	return now.Add(time.Hour - old%time.Hour), true
}

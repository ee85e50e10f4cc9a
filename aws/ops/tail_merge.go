package ops

import (
	"time"

	"github.com/stepdeck/stepdeck/aws/workflow"
)

// lineKey tells lines apart. GetLogEvents gives no ids; the ingestion time
// keeps equal lines of different batches apart.
type lineKey struct {
	at, ingested int64 // milliseconds
	raw          string
}

func keyOf(l workflow.LogLine) lineKey {
	return lineKey{l.Time.UnixMilli(), l.Ingested.UnixMilli(), l.Raw}
}

// seam joins what pages and a live tail say of the same stream. Both deliver
// in order; each line is let through once, whichever brings it first.
type seam struct {
	fromPages map[lineKey]int // let through from a page, not yet seen live
	fromLive  map[lineKey]int // let through live, not yet seen in a page
}

func newSeam() *seam {
	return &seam{fromPages: map[lineKey]int{}, fromLive: map[lineKey]int{}}
}

// page returns the lines of a page that the live tail has not brought yet.
func (s *seam) page(lines []workflow.LogLine) []workflow.LogLine {
	return fresh(lines, s.fromLive, s.fromPages)
}

// live returns the lines of a live update that no page has brought yet.
func (s *seam) live(lines []workflow.LogLine) []workflow.LogLine {
	return fresh(lines, s.fromPages, s.fromLive)
}

func fresh(lines []workflow.LogLine, other, own map[lineKey]int) []workflow.LogLine {
	var out []workflow.LogLine
	for _, l := range lines {
		k := keyOf(l)
		if other[k] > 0 {
			if other[k]--; other[k] == 0 {
				delete(other, k)
			}
			continue
		}
		own[k]++
		out = append(out, l)
	}
	return out
}

// forget drops what pages brought that was ingested before t: a live tail
// opened after t never brings it. What came live stays until a page confirms it.
func (s *seam) forget(t time.Time) {
	for k := range s.fromPages {
		if k.ingested < t.UnixMilli() {
			delete(s.fromPages, k)
		}
	}
}

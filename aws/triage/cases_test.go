package triage_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/triage"
)

func TestCauses(t *testing.T) {
	for _, c := range readCases(t) {
		t.Run(c.name, func(t *testing.T) {
			d := triage.Diagnose(c.evidence)
			if d.Kind != c.kind || d.Confidence != c.confidence {
				t.Errorf("kind %s (%s), want %s (%s)\n%s\n%+v", d.Kind, d.Confidence, c.kind, c.confidence, d.Sentence, d.Evidence)
			}
			if d.Sentence.String() != c.sentence {
				t.Errorf("sentence\n  %s\nwant\n  %s", d.Sentence, c.sentence)
			}
			if got := remedyText(d.Remedies); c.remedy != "" && !strings.HasPrefix(got+" ", c.remedy+" ") {
				t.Errorf("first remedy %q, want %q", got, c.remedy)
			}
		})
	}
}

// remedyText writes the first remedy as the case files do.
func remedyText(remedies []triage.Remedy) string {
	if len(remedies) == 0 {
		return "none"
	}
	r := remedies[0]
	text := string(r.Action)
	add := func(name string, value any, set bool) {
		if set {
			text += fmt.Sprintf(" %s=%v", name, value)
		}
	}
	add("memory", r.Memory, r.Memory != 0)
	add("cpu", r.CPU, r.CPU != 0)
	add("timeoutSeconds", r.TimeoutSeconds, r.TimeoutSeconds != 0)
	add("capacity", r.Capacity, r.Capacity != "")
	add("permission", r.Permission, r.Permission != "")
	add("error", r.Error, r.Error != "")
	add("field", r.Field, r.Field != "")
	return text
}

// TestEveryKnownCauseHasItsCases keeps at least four cases for each row of the
// table of causes that the files are ordered by.
func TestEveryKnownCauseHasItsCases(t *testing.T) {
	count := map[int]int{}
	for _, c := range readCases(t) {
		count[c.row]++
	}
	for row := 1; row <= 30; row++ {
		if count[row] < 4 {
			t.Errorf("cause %d has %d cases, want at least 4", row, count[row])
		}
	}
}

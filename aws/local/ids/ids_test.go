package ids_test

import (
	"regexp"
	"testing"

	"github.com/stepdeck/stepdeck/aws/local/ids"
)

func TestIdentifiers(t *testing.T) {
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 100 {
		id := ids.UUID()
		if !uuid.MatchString(id) || seen[id] {
			t.Errorf("%s is no UUID, or came before", id)
		}
		seen[id] = true
	}
	for digits := range 40 {
		if got := ids.Hex(digits); !regexp.MustCompile(`^[0-9a-f]*$`).MatchString(got) || len(got) != digits {
			t.Errorf("%d digits: %q", digits, got)
		}
	}
}

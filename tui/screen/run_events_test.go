package screen

import (
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/theme"
)

func eventsUpTo(first, last int64) []workflow.Event {
	var events []workflow.Event
	for id := first; id <= last; id++ {
		events = append(events, workflow.Event{ID: id, Previous: id - 1, Type: workflow.TaskScheduled})
	}
	return events
}

func TestTheEventUnderTheCursorStaysWhateverTheHistoryBecomes(t *testing.T) {
	p := newEventsPane(theme.New(theme.Options{}), time.UTC)
	p.set(eventsUpTo(5, 9), nil)
	p.table.Select("7")
	for name, events := range map[string][]workflow.Event{
		"earlier events come": eventsUpTo(1, 9),
		"later events come":   eventsUpTo(5, 12),
		"fewer events":        eventsUpTo(7, 8),
	} {
		p.set(events, nil)
		if at, ok := p.table.Current(); !ok || p.events[at].ID != 7 {
			t.Errorf("%s: the cursor left event 7", name)
		}
	}
	p.set(nil, nil)
	if _, ok := p.table.Current(); ok {
		t.Error("without events something is under the cursor")
	}
}

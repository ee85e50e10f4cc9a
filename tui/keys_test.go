package tui_test

import (
	"testing"

	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// shadows are the keys that a place takes from Everywhere on purpose: in a
// log, a form or a run's tabs they have the meaning that fits there.
var shadows = map[tui.ID]tui.ID{
	tui.KeySearch:    tui.KeyFilter,
	tui.KeyMarker:    tui.KeyMouse,
	tui.KeyContainer: tui.KeyNextPane,
	tui.KeyNextField: tui.KeyNextPane,
}

func TestNoKeyOfAPlaceHasTwoMeanings(t *testing.T) {
	places := map[tui.Place]map[string]tui.ID{}
	for _, b := range tui.Bindings {
		if places[b.Place] == nil {
			places[b.Place] = map[string]tui.ID{}
		}
		for _, key := range b.Keys {
			if other, taken := places[b.Place][key]; taken {
				t.Errorf("%s: key %s is of %s and of %s", b.Place, key, other, b.ID)
			}
			places[b.Place][key] = b.ID
		}
	}
	for place, keys := range places {
		for key, id := range keys {
			global, taken := places[tui.Everywhere][key]
			if place == tui.Everywhere || !taken || shadows[id] == global {
				continue
			}
			if id == tui.KeyNextField && global == tui.KeyPrevPane {
				continue // tab and shift+tab are one binding in forms
			}
			t.Errorf("%s: key %s of %s is taken from %s", place, key, id, global)
		}
	}
}

func TestEveryBindingIsComplete(t *testing.T) {
	seen := map[tui.ID]bool{}
	for _, b := range tui.Bindings {
		if seen[b.ID] {
			t.Errorf("%s is there twice", b.ID)
		}
		seen[b.ID] = true
		if b.ID == "" || b.Place == "" || len(b.Keys) == 0 || b.Help == "" {
			t.Errorf("%+v is not complete", b)
		}
		for _, key := range b.Keys {
			if got := tuitest.Key(key).String(); got != key {
				t.Errorf("%s: no terminal sends a key that is called %q, but %q", b.ID, key, got)
			}
		}
	}
	if tui.BindingOf("no such binding").ID != "" {
		t.Error("a name that is not in the table has a row")
	}
}

func TestTheReadmeListsTheKeys(t *testing.T) {
	tuitest.Section(t, "../README.md", "keys", tui.KeysMarkdown())
}

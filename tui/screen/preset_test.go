package screen

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// withPresets is the managed machine with a folder of preset files.
func withPresets(t *testing.T, files map[string]string) func() *formWorld {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "presets")
	for name, content := range files {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func() *formWorld {
		w := managed()
		w.presets = folder
		return w
	}
}

// openPresets opens the dialog and waits until it takes keys.
func openPresets(d *tuitest.Driver) {
	d.Press("ctrl+p")
	d.Advance(time.Second)
}

func TestAPresetIsSavedAndLoaded(t *testing.T) {
	world := withPresets(t, nil)
	useForm(t, world, func(w *formWorld, d *tuitest.Driver) {
		w.goTo(t, d, "capacity")
		d.Type("fargate")
		openPresets(d)
		d.Press("enter")
		d.Advance(time.Second)
		d.Type("../evil")
		d.Press("enter")
		formSees(t, d, "name: ")
		d.Press("ctrl+u")
		d.Type("big-dump")
		d.Press("enter")
		formSees(t, d, "preset big-dump is saved", "fargate")
	})
	useForm(t, world, func(w *formWorld, d *tuitest.Driver) {
		openPresets(d)
		formSees(t, d, "big-dump")
		d.Type("big")
		d.Press("enter")
		formSees(t, d, "preset big-dump is loaded")
		if got := w.form.input(); got != `{"args":["mysql-dump"],"env":{"DB_NAME":"shop"},"memory":1024,"capacity":"fargate"}` {
			t.Errorf("loaded %s", got)
		}
	})
}

func TestAPresetIsReplacedAndDeletedOnlyWhenAsked(t *testing.T) {
	world := withPresets(t, map[string]string{"daily.json": `{"machine":"dumps","input":{"args":["daily"]}}`})
	useForm(t, world, func(w *formWorld, d *tuitest.Driver) {
		path := filepath.Join(w.presets, "daily.json")
		openPresets(d)
		d.Press("enter")
		d.Advance(time.Second)
		d.Type("daily")
		d.Press("enter")
		d.Advance(time.Second)
		formSees(t, d, "what it holds is lost")
		d.Press("enter") // no is chosen
		if content, err := os.ReadFile(path); err != nil || !strings.Contains(string(content), `"daily"`) {
			t.Errorf("it was replaced without a yes: %s, %v", content, err)
		}
		openPresets(d)
		d.Type("delete")
		d.Press("enter")
		d.Advance(time.Second)
		d.Press("enter")
		d.Advance(time.Second)
		formSees(t, d, "daily.json")
		d.Press("y")
		formSees(t, d, "preset daily is deleted")
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("the file is there: %v", err)
		}
	})
}

func TestABrokenPresetCanBeSeenInTheDialog(t *testing.T) {
	useForm(t, withPresets(t, map[string]string{"bad.json": "{", "good.json": `{"machine":"other","input":[1]}`}), func(_ *formWorld, d *tuitest.Driver) {
		openPresets(d)
		formSees(t, d, "bad cannot be read", "good (of other)")
		d.Type("good")
		d.Press("enter")
		formSees(t, d, "[1]") // an input without fields is shown as JSON
	})
}

func TestAFolderThatCannotBeReadIsTold(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	useForm(t, func() *formWorld { w := managed(); w.presets = file; return w }, func(_ *formWorld, d *tuitest.Driver) {
		d.Press("ctrl+p")
		formSees(t, d, "read the presets", "not a directory")
	})
	useForm(t, func() *formWorld { w := managed(); w.presets = ""; return w }, func(_ *formWorld, d *tuitest.Driver) {
		d.Press("ctrl+p")
		formSees(t, d, "there is no folder for presets", "XDG_CONFIG_HOME")
	})
}

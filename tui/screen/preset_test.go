package screen

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

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

func TestABrokenPresetIsToldAndTheOthersAreListed(t *testing.T) {
	list, err := readPresets(withPresets(t, map[string]string{
		"good.json": `{"machine":"dumps","input":{}}`, "typo.json": "{\n  \"machine\" \"x\"}", "unknown.json": "{\n\"machine\":\"m\",\n\"inptu\":{}}",
		"empty.json": `{"machine":"m"}`, "list.json": `[]`, "notes.txt": "not a preset", ".hidden.json": "x",
	})().presets)
	if err != nil || len(list.presets) != 1 || list.presets[0].Name != "good" {
		t.Fatalf("listed %+v, %v", list.presets, err)
	}
	for name, reason := range map[string]string{
		"typo": "typo.json:2:13: invalid character", "unknown": `unknown.json:3: json: unknown field "inptu"`,
		"empty": "empty.json:1: the field input is missing", "list": "list.json:1: json: cannot unmarshal array",
	} {
		found := false
		for _, b := range list.broken {
			found = found || b.name == name && strings.Contains(b.reason.String(), reason)
		}
		if !found {
			t.Errorf("%s: %q is not among %+v", name, reason, list.broken)
		}
	}
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

func TestPresetsComeBackAsTheyWereSaved(t *testing.T) {
	folder := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		p := preset{
			Name: rapid.StringMatching(`[a-zA-Z0-9_][a-zA-Z0-9._-]{0,20}`).Draw(t, "name"), Machine: rapid.String().Draw(t, "machine"),
			Input: []byte(rapid.SampledFrom([]string{`{}`, `[]`, `"<&>"`, `1e400`, `{"a":{"b":[null,"\u202e"]}}`}).Draw(t, "input")),
		}
		if err := writePreset(folder, p); err != nil {
			t.Fatal(err)
		}
		got, err := readPreset(presetPath(folder, p.Name))
		if err != nil || canonicalText(string(got.Input)) != canonicalText(string(p.Input)) {
			t.Fatalf("%s came back as %s, %v", p.Input, got.Input, err)
		}
	})
}

func canonicalText(input string) string { return strings.Join(canonicalLines(`{"v":`+input+`}`), "") }

func TestNamesOfPresetsAreFileNames(t *testing.T) {
	for name, ok := range map[string]bool{
		"daily": true, "a.b-c_1": true, "": false, ".hidden": false, "-x": false, "a/b": false, `a\b`: false, "ä": false, "a b": false, strings.Repeat("x", 65): false,
	} {
		if err := checkPresetName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
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

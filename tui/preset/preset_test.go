package preset_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/tui/preset"
)

func folderWith(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// value is a document without its spelling; numbers keep theirs.
func value(t *rapid.T, text []byte) any {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestABrokenPresetIsToldAndTheOthersAreListed(t *testing.T) {
	list, err := preset.Read(folderWith(t, map[string]string{
		"good.json": `{"machine":"dumps","input":{}}`, "typo.json": "{\n  \"machine\" \"x\"}", "unknown.json": "{\n\"machine\":\"m\",\n\"inptu\":{}}",
		"empty.json": `{"machine":"m"}`, "list.json": `[]`, "notes.txt": "not a preset", ".hidden.json": "x",
	}))
	if err != nil || len(list.Presets) != 1 || list.Presets[0].Name != "good" {
		t.Fatalf("listed %+v, %v", list.Presets, err)
	}
	for name, reason := range map[string]string{
		"typo": "typo.json:2:13: invalid character", "unknown": `unknown.json:3: json: unknown field "inptu"`,
		"empty": "empty.json:1: the field input is missing", "list": "list.json:1: json: cannot unmarshal array",
	} {
		found := false
		for _, b := range list.Broken {
			found = found || b.Name == name && strings.Contains(b.Reason.String(), reason)
		}
		if !found {
			t.Errorf("%s: %q is not among %+v", name, reason, list.Broken)
		}
	}
}

func TestPresetsComeBackAsTheyWereSaved(t *testing.T) {
	folder := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		p := preset.Preset{
			Name: rapid.StringMatching(`[a-zA-Z0-9_][a-zA-Z0-9._-]{0,20}`).Draw(t, "name"), Machine: rapid.String().Draw(t, "machine"),
			Input: []byte(rapid.SampledFrom([]string{`{}`, `[]`, `"<&>"`, `1e400`, `{"a":{"b":[null,"\u202e"]}}`}).Draw(t, "input")),
		}
		if err := preset.Write(folder, p); err != nil {
			t.Fatal(err)
		}
		got, err := preset.Find(folder, p.Name)
		if err != nil || !reflect.DeepEqual(value(t, got.Input), value(t, p.Input)) {
			t.Fatalf("%s came back as %s, %v", p.Input, got.Input, err)
		}
	})
}

func TestNamesOfPresetsAreFileNames(t *testing.T) {
	for name, ok := range map[string]bool{
		"daily": true, "a.b-c_1": true, "": false, ".hidden": false, "-x": false, "a/b": false, `a\b`: false, "ä": false, "a b": false, strings.Repeat("x", 65): false,
	} {
		if err := preset.CheckName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestAPresetIsFoundByItsName(t *testing.T) {
	folder := folderWith(t, map[string]string{"daily.json": `{"machine":"dumps","input":{"a":1}}`, "typo.json": "{\n\"machine\" 1}"})
	p, err := preset.Find(folder, "daily")
	if err != nil || p.Name != "daily" || p.Machine != "dumps" || string(p.Input) != `{"a":1}` {
		t.Errorf("found %+v, %v", p, err)
	}
	for name, c := range map[string]struct {
		folder string
		kind   ops.Kind
		words  string
	}{
		"weekly":   {folder, ops.NotFound, "there are daily"},
		"monthly":  {filepath.Join(folder, "none"), ops.NotFound, "ctrl+p"},
		"typo":     {folder, ops.Usage, "typo.json:2:"},
		"../daily": {folder, ops.Usage, "must not begin"},
	} {
		_, err := preset.Find(c.folder, name)
		if ops.KindOf(err) != c.kind || !strings.Contains(told(err), c.words) {
			t.Errorf("%s: %s", name, told(err))
		}
	}
}

func told(err error) string {
	var p *ops.Problem
	if !errors.As(err, &p) {
		return fmt.Sprint(err)
	}
	return p.Title.String() + ": " + p.Detail.String() + "; " + p.Hint.String()
}

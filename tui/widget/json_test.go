package widget_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/tui/tuitest"
	"github.com/stepdeck/stepdeck/tui/widget"
)

const failure = `{"Error":"States.TaskFailed","Cause":"{\"ExitCode\":137,\"Containers\":[{\"Name\":\"job\"}]}",
 "args":["drill","two words\nand a break"],"retries":3,"ok":false,"none":null,"empty":{},"two words":1.5e3}`

func jsonOf(doc string) *widget.JSONView {
	v := widget.NewJSONView(plain())
	v.SetJSON(doc)
	return v
}

func TestJSONLooks(t *testing.T) {
	v := widget.NewJSONView(colours())
	v.SetJSON(failure)
	press(t, v, "j j enter")
	looksAt(t, "json", v, [2]int{60, 14}, [2]int{30, 6})
	v.Search("words")
	looksAt(t, "json_search", v, [2]int{60, 14})
	v.SetJSON("{\"broken\": \n \x1b[31mtext")
	looksAt(t, "json_broken", v, [2]int{60, 4})
}

func TestJSONValueUnderTheCursor(t *testing.T) {
	v := jsonOf(failure)
	for _, step := range []struct{ keys, path, text string }{
		{"g j", "$.Error", "States.TaskFailed"},
		{"j", "$.Cause", `{"ExitCode":137,"Containers":[{"Name":"job"}]}`},
		{"enter j", "$.Cause|$.ExitCode", "137"},
		{"j right right right right", "$.Cause|$.Containers[0].Name", "job"},
		{"left", "$.Cause|$.Containers[0]", "{\n  \"Name\": \"job\"\n}"},
		{"G", `$["two words"]`, "1.5e3"},
	} {
		press(t, v, step.keys)
		if path, text := v.Value(); path != step.path || text != step.text {
			t.Errorf("after %s: %s = %q, want %s = %q", step.keys, path, text, step.path, step.text)
		}
	}
}

func TestJSONFolds(t *testing.T) {
	v := jsonOf(`{"a":{"b":{"c":1}},"d":2}`)
	rows := func() int { return strings.Count(strings.TrimRight(v.View(40, 20), " \n"), "\n") + 1 }
	if got := rows(); got != 5 {
		t.Errorf("%d rows unfolded, want 5", got)
	}
	press(t, v, "g j left")
	if got := rows(); got != 3 {
		t.Errorf("%d rows with a folded, want 3", got)
	}
	press(t, v, "E")
	if got := rows(); got != 5 {
		t.Errorf("%d rows after E, want 5", got)
	}
}

func TestJSONSearchUnfolds(t *testing.T) {
	v := jsonOf(`{"a":{"deep":{"needle":1}},"b":"a Needle"}`)
	press(t, v, "C g")
	if got := v.Search("needle"); got != 2 {
		t.Fatalf("%d hits, want 2", got)
	}
	for _, want := range []string{"$.a.deep.needle", "$.b", "$.a.deep.needle"} {
		if path, _ := v.Value(); path != want {
			t.Errorf("the cursor is on %s, want %s", path, want)
		}
		press(t, v, "n")
	}
	if got := v.Search("Needle"); got != 1 {
		t.Errorf("%d exact hits, want 1", got)
	}
}

func TestJSONAlwaysFits(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		doc := hostile(r, "text")
		if rapid.Bool().Draw(r, "json") {
			inner, _ := json.Marshal(map[string]any{hostile(r, "key"): []any{hostile(r, "value"), 1, nil}})
			outer, err := json.Marshal([]any{string(inner), map[string]string{"x": hostile(r, "other")}})
			if err != nil {
				r.Fatal(err)
			}
			doc = string(outer)
		}
		v := widget.NewJSONView(colours())
		v.SetJSON(doc)
		v.Search(rapid.SampledFrom([]string{"", "a", "é"}).Draw(r, "pattern"))
		alwaysFits(r, v)
	})
}

// FuzzJSON holds the tree against encoding/json: as many values as the document
// has, each as it is read there.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{failure, `[]`, `{}`, `""`, `[1,[2,{"a":"\u00e9\""}]]`, `{"a":`, ` {"x" : [ 1 , 2 ] } `, `"{\"a\":1}"`, `-1.5e3`, "{\"\xff\":\"\\ud800\"}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		v := jsonOf(doc)
		if err := tuitest.Exact(v.View(40, 10), 40, 10); err != nil {
			t.Error(err)
		}
		if len(doc) > 1000 || !json.Valid([]byte(doc)) {
			return
		}
		press(t, v, "E g")
		for i, want := range valuesOf(t, doc) {
			if _, got := v.Value(); got != want {
				t.Fatalf("value %d of %q is %q, want %q", i, doc, got, want)
			}
			press(t, v, "j")
		}
	})
}

// valuesOf are all values of a document in order, as Value gives them.
func valuesOf(t *testing.T, doc string) []string {
	t.Helper()
	var out []string
	d := json.NewDecoder(strings.NewReader(doc))
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		t.Fatal(err)
	}
	var s string
	switch {
	case json.Unmarshal(raw, &s) == nil && raw[0] == '"':
		return []string{s}
	case raw[0] != '{' && raw[0] != '[':
		return []string{string(raw)}
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, raw, "", "  "); err != nil {
		t.Fatal(err)
	}
	out = append(out, indented.String())
	inner := json.NewDecoder(bytes.NewReader(raw))
	if _, err := inner.Token(); err != nil {
		t.Fatal(err)
	}
	for inner.More() {
		if raw[0] == '{' {
			if _, err := inner.Token(); err != nil {
				t.Fatal(err)
			}
		}
		var element json.RawMessage
		if err := inner.Decode(&element); err != nil {
			t.Fatal(err)
		}
		out = append(out, valuesOf(t, string(element))...)
	}
	return out
}

func bigJSON() string {
	var b strings.Builder
	b.WriteString(`{"items":[`)
	for i := 0; b.Len() < 256<<10; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%d,"name":"table orders_%d","tags":["a","b"],"ok":true}`, i, i)
	}
	b.WriteString(`]}`)
	return b.String()
}

func BenchmarkJSONSet256K(b *testing.B) {
	doc := bigJSON()
	b.ReportAllocs()
	for b.Loop() {
		jsonOf(doc)
	}
}

func BenchmarkJSONKey256K(b *testing.B) {
	v := widget.NewJSONView(colours())
	v.SetJSON(bigJSON())
	press(b, v, "E")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		v.Key(key([]string{"j", "G", "ctrl+u", "g"}[i%4]))
		_ = v.View(200, 60)
	}
}

package workflow_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/workflow"
)

var anyText = rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", " ", "5", "true", "null", "{", "[", `"`, "a'b", "\n", "\u202e", "x y", "-e", `\`, "90m", "\ufeff"}))

// anyValue is any JSON value.
func anyValue(depth int) *rapid.Generator[any] {
	plain := rapid.OneOf(
		rapid.Map(anyText, func(s string) any { return s }), rapid.Map(rapid.Int(), func(n int) any { return n }),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }), rapid.Just[any](nil),
	)
	if depth == 0 {
		return plain
	}
	return rapid.OneOf(plain,
		rapid.Map(rapid.SliceOfN(anyValue(depth-1), 0, 3), func(l []any) any { return l }),
		rapid.Map(anyObject(depth-1), func(m map[string]any) any { return m }),
	)
}

func anyObject(depth int) *rapid.Generator[map[string]any] {
	names := rapid.OneOf(anyText, rapid.SampledFrom([]string{"args", "env", "a", "b", "cpu", "a.b"}))
	return rapid.MapOfN(names, anyValue(depth), 0, 4)
}

func anyDocument(t *rapid.T) workflow.Document {
	text, err := json.Marshal(anyObject(3).Draw(t, "input"))
	if err != nil {
		t.Fatal(err)
	}
	return document(t, string(text))
}

func anyFields(t *rapid.T) []workflow.InputField {
	var recent []workflow.Document
	for range rapid.IntRange(0, 3).Draw(t, "recent runs") {
		recent = append(recent, anyDocument(t))
	}
	if rapid.Bool().Draw(t, "managed") {
		return workflow.ManagedFields(recent)
	}
	return workflow.InferFields(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "a.b", "a.b.c", "d", "env.X"}), 0, 4).Draw(t, "paths"), recent)
}

// Fields to JSON to fields is stable, whatever was typed into them in whatever
// order, and no field says what the document does not.
func TestFieldsAndDocumentStayInStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		form := workflow.NewInputForm(anyFields(t), anyDocument(t))
		before := form.Document().Canonical()
		for i := range form.Fields() {
			form.Set(i, form.Fields()[i].Text)
		}
		if got := form.Document().Canonical(); got != before {
			t.Fatalf("fields that nobody changed changed the input:\n%s\nto\n%s", before, got)
		}
		for range rapid.IntRange(0, 6).Draw(t, "edits") {
			if n := len(form.Fields()); n > 0 {
				form.Set(rapid.IntRange(0, n-1).Draw(t, "field"), strings.ToValidUTF8(anyText.Draw(t, "text"), "?"))
			}
		}
		for _, field := range form.Fields() {
			value, there := form.Document().Get(field.Path...)
			said, ok := field.Parse(field.Text)
			if there != ok || ok && document(t, `{"v":`+said+`}`).Canonical() != document(t, `{"v":`+value+`}`).Canonical() {
				t.Fatalf("field %s says %q, the document %q", field.Name(), said, value)
			}
		}
		text := workflow.EscapeJSON(form.Document().Text())
		again := document(t, text)
		if again.Canonical() != form.Document().Canonical() {
			t.Fatalf("the JSON view\n%s\nis not the document\n%s", text, form.Document().Text())
		}
		form.Load(again)
		if form.Document().Compact() != again.Compact() {
			t.Fatal("loading a document changed it")
		}
	})
}

func TestWordsAreReadAsTheyWereQuoted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(anyText).Draw(t, "words")
		quoted := make([]string, len(words))
		for i, w := range words {
			words[i] = strings.ToValidUTF8(w, "?")
			quoted[i] = workflow.QuoteWord(words[i])
		}
		got, err := workflow.SplitWords(strings.Join(quoted, " "))
		if err != nil || !slices.Equal(got, words) {
			t.Fatalf("%q came back as %q, %v", words, got, err)
		}
	})
}

func TestShellWords(t *testing.T) {
	for line, want := range map[string][]string{
		"":                     {},
		` a  b `:               {"a", "b"},
		`a\ b "c d" 'e f'`:     {"a b", "c d", "e f"},
		`"\"\\\$\x"`:           {`"\$\x`},
		`''`:                   {""},
		`--x="y z"'w'`:         {"--x=y zw"},
		"$HOME ~ * `x` a\tb\n": {"$HOME", "~", "*", "`x`", "a", "b"},
	} {
		if got, err := workflow.SplitWords(line); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q is %q, %v; want %q", line, got, err, want)
		}
	}
}

func TestDiffsLeadFromOneTextToTheOther(t *testing.T) {
	line := rapid.SampledFrom([]string{"a", "b", "c", "d"})
	rapid.Check(t, func(t *rapid.T) {
		before, after := rapid.SliceOfN(line, 0, 12).Draw(t, "before"), rapid.SliceOfN(line, 0, 12).Draw(t, "after")
		var old, made []string
		same := 0
		for _, l := range workflow.DiffLines(before, after) {
			if l.Op != workflow.DiffAdded {
				old = append(old, l.Text)
			}
			if l.Op != workflow.DiffRemoved {
				made = append(made, l.Text)
			}
			if l.Op == workflow.DiffSame {
				same++
			}
		}
		if !slices.Equal(old, before) || !slices.Equal(made, after) {
			t.Fatalf("the diff says %q → %q", old, made)
		}
		if slices.Equal(before, after) && same != len(before) {
			t.Fatal("equal texts have changes")
		}
	})
}

func TestADiffSaysNoMoreThanChanged(t *testing.T) {
	got := workflow.DiffLines([]string{"{", "a", "b", "}"}, []string{"{", "b", "c", "}"})
	want := []workflow.DiffLine{{' ', "{"}, {'-', "a"}, {' ', "b"}, {'+', "c"}, {' ', "}"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	many := strings.Split(strings.Repeat("x\ny\n", 3000), "\n")
	if n := len(workflow.DiffLines(many, slices.Repeat([]string{"z"}, 6000))); n != len(many)+6000 {
		t.Errorf("a diff of large texts has %d lines", n)
	}
}

func TestTheSameStartAsACommand(t *testing.T) {
	place := []string{"--profile", "prod"}
	tests := []struct {
		name, input, want string
		managed           bool
	}{
		{
			"parameters are flags", `{"args":["dump","a b"],"env":{"X":"it's","A":"1"},"memory":2048,"cpu":1024,"timeoutSeconds":5400,"capacity":"spot","overlap":"skip"}`,
			`stepdeck start m -e A=1 -e 'X=it'\''s' --capacity spot --cpu 1024 --memory 2048 --timeout 1h30m --overlap skip --name n --profile prod -- dump 'a b'`, true,
		},
		{"nothing set", `{}`, `stepdeck start m --name n --profile prod`, true},
		{"what flags cannot say is given as input", `{"args":[1]}`, `printf %s '{"args":[1]}' | stepdeck start m --input - --name n --profile prod`, true},
		{"another machine", `{"a":1}`, `printf %s '{"a":1}' | stepdeck start m --input - --name n --profile prod`, false},
		{"no object", `[1]`, `printf %s '[1]' | stepdeck start m --input - --name n --profile prod`, true},
	}
	for _, test := range tests {
		if got := workflow.StartCommand("m", "n", test.input, test.managed, place); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

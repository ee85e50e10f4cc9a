package workflow_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/workflow"
)

func document(t rapid.TB, input string) workflow.Document {
	t.Helper()
	doc, err := workflow.ParseDocument(input)
	if err != nil {
		t.Fatalf("%s: %v", input, err)
	}
	return doc
}

// texts are the form's fields as NAME=TEXT.
func texts(f *workflow.InputForm) []string {
	var out []string
	for _, field := range f.Fields() {
		out = append(out, field.Name()+"="+field.Text)
	}
	return out
}

func TestDocumentsKeepWhatIsNotChanged(t *testing.T) {
	doc := document(t, `{"b":1.50,"a":{"x":"<","y":null},"b2":[1,{"k":true}]}`)
	tests := []struct {
		name, want string
		got        workflow.Document
	}{
		{"unchanged", `{"b":1.50,"a":{"x":"<","y":null},"b2":[1,{"k":true}]}`, doc},
		{"a value is set in its place", `{"b":2,"a":{"x":"<","y":null},"b2":[1,{"k":true}]}`, doc.With("2", "b")},
		{"a new value comes last", `{"b":1.50,"a":{"x":"<","y":null},"b2":[1,{"k":true}],"c":{"d":{"e":"f"}}}`, doc.With(`"f"`, "c", "d", "e")},
		{"what is no object gives way to a path", `{"b":{"z":3},"a":{"x":"<","y":null},"b2":[1,{"k":true}]}`, doc.With("3", "b", "z")},
		{"a value is taken out", `{"b":1.50,"a":{"y":null},"b2":[1,{"k":true}]}`, doc.Without("a", "x")},
		{"an object that gets empty goes too", `{"b":1.50,"b2":[1,{"k":true}]}`, doc.Without("a", "x").Without("a", "y")},
		{"what is not there cannot be taken out", `{"b":1.50,"a":{"x":"<","y":null},"b2":[1,{"k":true}]}`, doc.Without("a", "q")},
		{"what is not JSON is not taken", `{"b":1.50,"a":{"x":"<","y":null},"b2":[1,{"k":true}]}`, doc.With("{", "b")},
		{"the zero document is the empty object", `{"k":"v"}`, workflow.Document{}.With(`"v"`, "k")},
		{"of equal keys the last one counts", `{"a":2}`, document(t, `{"a":1,"a":2}`)},
	}
	for _, test := range tests {
		if got := test.got.Compact(); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
	if doc.Compact() != `{"b":1.50,"a":{"x":"<","y":null},"b2":[1,{"k":true}]}` {
		t.Errorf("a change of a copy changed the document: %s", doc.Compact())
	}
}

func TestOnlyObjectsAreDocuments(t *testing.T) {
	for input, reason := range map[string]string{
		`[1]`:               "no JSON object",
		`"x"`:               "no JSON object",
		"{\n \"a\": tru\n}": "line 2, column 10",
		strings.Repeat(`{"a":`, 300) + "1" + strings.Repeat("}", 300): "nested deeper",
	} {
		if _, err := workflow.ParseDocument(input); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%.20s: %v, want %q", input, err, reason)
		}
	}
}

func TestFieldsReadAndWriteValues(t *testing.T) {
	kinds := map[workflow.FieldKind][][2]string{ // JSON and its text
		workflow.FieldAny: {
			{`"a b"`, "a b"},
			{`"5"`, `"5"`},
			{`5`, "5"},
			{`""`, `""`},
			{`null`, "null"},
			{`"null"`, `"null"`},
			{`{"a":[1]}`, `{"a":[1]}`},
			{`"a\nb"`, `"a\nb"`},
			{`" x "`, " x "},
			{`"{"`, "{"},
			{"\"\u202e\"", `"\u202e"`},
			{"\"\U000e0001\"", `"\udb40\udc01"`},
			{`1e400`, "1e400"},
		},
		workflow.FieldText:    {{`"5"`, "5"}, {`"true"`, "true"}, {`""`, `""`}, {`"\"q\""`, `"\"q\""`}, {`" "`, " "}, {`"a\u0000"`, `"a\u0000"`}},
		workflow.FieldNumber:  {{`12`, "12"}, {`"12"`, `"12"`}, {`"abc"`, "abc"}, {`1.0`, "1.0"}},
		workflow.FieldBool:    {{`true`, "true"}, {`"yes"`, "yes"}},
		workflow.FieldSeconds: {{`5400`, "1h30m"}, {`60`, "1m"}, {`3600`, "1h"}, {`61`, "1m1s"}, {`"5400"`, `"5400"`}, {`0`, "0"}, {`-3`, "-3"}, {`1.5`, "1.5"}, {`99999999999`, "99999999999"}},
		workflow.FieldWords: {
			{`["a","b c"]`, "a 'b c'"},
			{`["it's"]`, `'it'\''s'`},
			{`[]`, "[]"},
			{`[""]`, "''"},
			{`["[1]"]`, "'[1]'"},
			{`["a\nb"]`, `["a\nb"]`},
			{`[1,"x"]`, `[1,"x"]`},
			{`"x"`, "x"},
			{`["$HOME","*"]`, "'$HOME' '*'"},
		},
	}
	for kind, pairs := range kinds {
		for _, pair := range pairs {
			f := workflow.InputField{Path: []string{"f"}, Kind: kind}.Fitting(pair[0])
			if got := f.Show(pair[0]); got != pair[1] {
				t.Errorf("kind %d shows %s as %q, want %q", kind, pair[0], got, pair[1])
			}
			if got, ok := f.Parse(pair[1]); !ok || document(t, `{"v":`+got+`}`).Canonical() != document(t, `{"v":`+pair[0]+`}`).Canonical() {
				t.Errorf("kind %d reads %q as %s, want %s", kind, pair[1], got, pair[0])
			}
		}
	}
}

func TestTimesAreTypedAsPeopleSayThem(t *testing.T) {
	f := workflow.InputField{Path: []string{"timeoutSeconds"}, Kind: workflow.FieldSeconds}
	for text, want := range map[string]string{"90m": "5400", "1h 30m": "5400", "5400": "5400", "1.5s": `"1.5s"`, "soon": `"soon"`} {
		if got, _ := f.Parse(text); got != want {
			t.Errorf("%q is read as %s, want %s", text, got, want)
		}
	}
}

func TestDoubtfulTextsAreTold(t *testing.T) {
	tests := []struct {
		kind       workflow.FieldKind
		text, want string
	}{
		{workflow.FieldWords, "a 'b", "f: a quote is not closed"},
		{workflow.FieldAny, `{"a":`, "f: it begins like JSON but is not, at column 6"},
		{workflow.FieldAny, "plain text", ""},
		{workflow.FieldWords, `["a"]`, ""},
		{workflow.FieldText, "{", ""},
	}
	for _, test := range tests {
		err := workflow.InputField{Path: []string{"f"}, Kind: test.kind}.Check(test.text)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)) {
			t.Errorf("%q: %v, want %q", test.text, err, test.want)
		}
	}
}

func TestPastedTextMeansItself(t *testing.T) {
	text := workflow.InputField{Path: []string{"f"}, Kind: workflow.FieldText}
	for _, pasted := range []string{"plain", "two\nlines", "tab\tbell\a", "\u202edrowssap", "ÄÖ 日本"} {
		got, _ := text.Parse(text.Splice("ab", 1, pasted))
		var value string
		if err := json.Unmarshal([]byte(got), &value); err != nil || value != "a"+pasted+"b" {
			t.Errorf("%q pasted into ab is %q", pasted, value)
		}
	}
	words := workflow.InputField{Path: []string{"args"}, Kind: workflow.FieldWords}
	if got := words.Splice("a ", 2, "b\nc\n"); got != "a b c" {
		t.Errorf("lines pasted into words: %q", got)
	}
}

func TestFieldsAreInferredFromDefinitionAndRecentInputs(t *testing.T) {
	inputs := []workflow.Document{
		document(t, `{"order":{"id":17,"tags":["a"]},"dry":true,"note":"x","free":{}}`),
		document(t, `{"order":{"id":16},"dry":false,"note":5,"note2":"n"}`),
	}
	got := workflow.InferFields([]string{"order", "order.id", "late", "dry"}, inputs)
	want := []workflow.InputField{
		{Path: []string{"order", "id"}, Kind: workflow.FieldNumber, Help: "the machine reads it", Options: []string{"17", "16"}},
		{Path: []string{"late"}, Help: "the machine reads it"},
		{Path: []string{"dry"}, Kind: workflow.FieldBool, Help: "the machine reads it", Options: []string{"true", "false"}},
		{Path: []string{"order", "tags"}, Help: "recent runs gave it", Options: []string{`["a"]`}},
		{Path: []string{"note"}, Help: "recent runs gave it", Options: []string{"x", "5"}},
		{Path: []string{"free"}, Help: "recent runs gave it", Options: []string{"{}"}},
		{Path: []string{"note2"}, Kind: workflow.FieldText, Help: "recent runs gave it", Options: []string{"n"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestTheFormFollowsTheDocument(t *testing.T) {
	known := workflow.InferFields([]string{"a.b", "c"}, nil)
	f := workflow.NewInputForm(known, document(t, `{"c":"x","z":1,"a":{"q":2}}`))
	if got, want := texts(f), []string{"a.b=", "a.q=2", "c=x", "z=1"}; !slices.Equal(got, want) {
		t.Errorf("fields %q, want %q", got, want)
	}
	f.Set(f.Find("a", "b"), "5")
	f.Set(f.Find("z"), "")
	added := f.Add(workflow.InputField{Path: []string{"new", "deep"}}, "v")
	if got := f.Fields()[added]; got.Name() != "new.deep" || got.Text != "v" {
		t.Errorf("the added value is shown by %+v", got)
	}
	if got, want := f.Document().Compact(), `{"c":"x","a":{"q":2,"b":5},"new":{"deep":"v"}}`; got != want {
		t.Errorf("the document is %s, want %s", got, want)
	}
	f.Load(document(t, `{"a":"flat"}`))
	if got, want := texts(f), []string{"c=", "a=flat"}; !slices.Equal(got, want) {
		t.Errorf("over a value that is no object: fields %q, want %q", got, want)
	}
	if !f.Shadowed([]string{"a", "b"}) || f.Shadowed([]string{"c", "d"}) {
		t.Error("a path through a text is shadowed, one through nothing is not")
	}
}

func TestVariablesHoldText(t *testing.T) {
	f := workflow.NewInputForm(workflow.ManagedFields(nil), document(t, `{"overlap":"skip","env":{"N":"1"}}`))
	if got, want := texts(f)[:2], []string{"args=", "env.N=1"}; !slices.Equal(got, want) {
		t.Errorf("fields begin with %q, want %q", got, want)
	}
	f.Set(f.Find("env", "N"), "2")
	f.Add(workflow.VariableField("EMPTY"), "")
	if got, want := f.Document().Compact(), `{"overlap":"skip","env":{"N":"2","EMPTY":""}}`; got != want {
		t.Errorf("the document is %s, want %s", got, want)
	}
}

func TestTheManagedMachinesInputIsChecked(t *testing.T) {
	tests := []struct{ input, field, reason string }{
		{`{}`, "", ""},
		{`{"args":["a",1],"env":{"A":"b","N":5},"capacity":"spot","cpu":1024,"memory":2048,"timeoutSeconds":60,"overlap":"skip"}`, "", ""},
		{`{"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID":"arn"}`, "", ""},
		{`{"args":"a b"}`, "args", "list of words"},
		{`{"args":[["a"]]}`, "args", "list of words"},
		{`{"env":["A"]}`, "env", "map of names"},
		{`{"env":{"TASK_TOKEN":"x"}}`, "env.TASK_TOKEN", "belongs to the entrypoint"},
		{`{"env":{"A":{"b":1}}}`, "env.A", "holds text"},
		{`{"capacity":"big"}`, "capacity", "spot, fargate"},
		{`{"overlap":""}`, "overlap", "empty"},
		{`{"cpu":"1024"}`, "cpu", "whole number"},
		{`{"cpu":1000}`, "cpu", "nearest: 512, 1024"},
		{`{"cpu":1024,"memory":512}`, "memory", "nearest: 2048"},
		{`{"timeoutSeconds":1}`, "timeoutSeconds", "2 to 31,536,000"},
		{`{"timeoutSeconds":9999999999999}`, "timeoutSeconds", "2 to 31,536,000"},
		{`{"mem":1}`, "mem", "it takes args, env"},
	}
	for _, test := range tests {
		wrong := workflow.CheckManagedInput(document(t, test.input))
		switch {
		case test.field == "" && len(wrong) > 0:
			t.Errorf("%s is refused: %v", test.input, wrong[0])
		case test.field != "" && (len(wrong) != 1 || wrong[0].Field != test.field || !strings.Contains(wrong[0].Reason, test.reason)):
			t.Errorf("%s: %v, want %s: …%s…", test.input, wrong, test.field, test.reason)
		}
	}
}

func TestNamesOfSecretsAreKnown(t *testing.T) {
	for name, want := range map[string]bool{"DB_PASSWORD": true, "apiKey": true, "api-key": true, "GITHUB_TOKEN": true, "TABLES": false, "KEYWORD": false} {
		if got := workflow.VariableField(name).Secret(); got != want {
			t.Errorf("%s is a secret: %v", name, got)
		}
	}
}

func TestTheHelpOfAFieldFitsASmallWindow(t *testing.T) {
	for _, f := range workflow.ManagedFields(nil) {
		if line := f.Name() + ": " + f.Help; len(line) > 78 {
			t.Errorf("%d characters: %s", len(line), line)
		}
	}
}

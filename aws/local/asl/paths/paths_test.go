package paths_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/local/asl/paths"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

const document = `{
	"a": {"b": 1.0, "list": [10, 20, {"n": 30}]},
	"with space": 1, "dash-ed": 2, "it's": 3, "q\"\\": 4, "ünï": 5,
	"users": [{"name": "ann", "year": 1997, "status": 0}, {"year": 1998, "name": "bob", "status": 1}]
}`

func parse(t *testing.T, text string) any {
	t.Helper()
	v, err := jsonv.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestGet(t *testing.T) {
	value := parse(t, document)
	for _, tt := range []struct{ path, want string }{
		{`$.a.b`, `1.0`},
		{`$['a']["b"]`, `1.0`},
		{`$.a.list[1]`, `20`},
		{`$.a.list[-1].n`, `30`},
		{`$.a.list[2]['n']`, `30`},
		{`$['with space']`, `1`},
		{`$.dash-ed`, `2`},
		{`$['it\'s']`, `3`},
		{`$['q"\\']`, `4`},
		{`$.ünï`, `5`},
		{`$.a.list[*]`, `[10,20,{"n":30}]`},
		{`$.a.list[0:2]`, `[10,20]`},
		{`$.a.list[1:]`, `[20,{"n":30}]`},
		{`$.users[*].name`, `["ann","bob"]`},
		{`$.users[?(@.status == 0)]`, `[{"name":"ann","year":1997,"status":0}]`},
		{`$.users[?(@.year >= 1997 && @.status == 1)].name`, `["bob"]`},
		{`$.users.[?(@.year < 1998)].name`, `["ann"]`},
		{`$.a.list.[0]`, `10`},
		{`$..n`, `[30]`},
		{`$.none[*]`, `[]`},
		{`$.none[1:5].x`, `[]`},
	} {
		p, err := paths.Parse(tt.path)
		if err != nil {
			t.Errorf("Parse(%s): %v", tt.path, err)
			continue
		}
		got, err := p.Get(value)
		if err != nil || jsonv.Text(got) != tt.want {
			t.Errorf("%s = %s, %v; want %s", tt.path, jsonv.Text(got), err, tt.want)
		}
	}
}

func TestWhatADefinitePathMisses(t *testing.T) {
	value := parse(t, document)
	for _, tt := range []struct {
		path, want string
		leaf       bool
	}{
		{`$.nope`, `No results for path: $['nope']`, true},
		{`$.a.nope`, `No results for path: $['a']['nope']`, true},
		{`$.no.such.path`, `Missing property in path $['no']`, false},
		{`$.a.list[7]`, `No results for path: $['a']['list'][7]`, true},
		{`$.a.b.c`, `No results for path: $['a']['b']['c']`, true},
	} {
		p, err := paths.Parse(tt.path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Get(value)
		var missing *paths.NotFoundError
		if !errors.As(err, &missing) || err.Error() != tt.want || missing.Leaf != tt.leaf {
			t.Errorf("%s: %v, want %s", tt.path, err, tt.want)
		}
	}
}

func TestRoots(t *testing.T) {
	for _, tt := range []struct {
		path string
		root paths.Root
		name string
	}{
		{`$`, paths.Input, ""},
		{`$.a`, paths.Input, ""},
		{`$$`, paths.Context, ""},
		{`$$.Execution.Id`, paths.Context, ""},
		{`$order`, paths.Variable, "order"},
		{`$order2.items[0]`, paths.Variable, "order2"},
	} {
		p, err := paths.Parse(tt.path)
		if err != nil || p.Root != tt.root || p.Name != tt.name || p.String() != tt.path {
			t.Errorf("Parse(%s) = root %v name %q, %v", tt.path, p.Root, p.Name, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, path := range []string{``, `a.b`, `%PLACEHOLDER%`, `$.`, `$[`, `$['a`, `$.a[`, `$a b`, `$.a[?(`, `$!`} {
		if p, err := paths.Parse(path); err == nil {
			t.Errorf("Parse(%q) accepted as %v", path, p)
		}
	}
}

func TestReferencePathsAreSingular(t *testing.T) {
	for path, want := range map[string]bool{
		`$`: true, `$.a.b`: true, `$['a'][0]`: true, `$.a[-1]`: false, `$.a[*]`: false, `$..a`: false, `$.a[0:1]`: false, `$.a[?(@.x)]`: false,
	} {
		p, err := paths.Parse(path)
		if err != nil || p.Reference() != want {
			t.Errorf("%s is a Reference Path: %v, %v; want %v", path, p.Reference(), err, want)
		}
	}
}

func TestSet(t *testing.T) {
	for _, tt := range []struct{ input, path, want string }{
		{`{"a":1}`, `$`, `"new"`},
		{`{"a":1,"b":2}`, `$.a`, `{"a":"new","b":2}`},
		{`{}`, `$.x.y.z`, `{"x":{"y":{"z":"new"}}}`},
		{`{"l":[1,2]}`, `$.l[1]`, `{"l":[1,"new"]}`},
	} {
		p, _ := paths.Parse(tt.path)
		input := parse(t, tt.input)
		got, err := p.Set(input, "new")
		if err != nil || jsonv.Text(got) != tt.want {
			t.Errorf("%s into %s = %s, %v; want %s", tt.path, tt.input, jsonv.Text(got), err, tt.want)
		}
		if jsonv.Text(input) != tt.input {
			t.Errorf("%s changed its input to %s", tt.path, jsonv.Text(input))
		}
	}
}

func TestSetRefusesWhatDoesNotFit(t *testing.T) {
	for _, tt := range []struct{ input, path string }{
		{`"text"`, `$.a`}, {`[1]`, `$.a`}, {`{"a":1}`, `$.a.b`}, {`{"l":[]}`, `$.l[0]`}, {`{"l":[1]}`, `$.l[*]`},
	} {
		p, _ := paths.Parse(tt.path)
		_, err := p.Set(parse(t, tt.input), 1)
		var mismatch *paths.MismatchError
		if !errors.As(err, &mismatch) {
			t.Errorf("%s into %s: %v, want a MismatchError", tt.path, tt.input, err)
		}
	}
}

func TestWhatIsSetCanBeGot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := "$"
		for range rapid.IntRange(0, 5).Draw(t, "steps") {
			text += rapid.SampledFrom([]string{".", "['"}).Draw(t, "form")
			bracket := text[len(text)-1] == '\''
			text += rapid.StringMatching(`[a-z][a-z0-9_]{0,3}`).Draw(t, "key")
			if bracket {
				text += "']"
			}
		}
		p, err := paths.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		value := rapid.String().Draw(t, "value")
		changed, err := p.Set(jsonv.NewObject("kept", true), value)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Get(changed)
		if err != nil || got != value {
			t.Fatalf("%s of %s = %v, %v; want %q", p, jsonv.Text(changed), got, err, value)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{`$`, `$.a['b'][0]`, `$$.x`, `$var.y`, `$..a[?(@.b == 'c')]`, `$[0:2:1]`, `$.a.[*]`, `$['\'`} {
		f.Add(text)
	}
	value, _ := jsonv.Parse(document)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := paths.Parse(text)
		if err != nil {
			return
		}
		found, err := p.Get(value)
		if _, list := found.([]any); !p.Definite() && err == nil && !list {
			t.Fatalf("%s is not definite and gave %s", text, jsonv.Text(found))
		}
		if changed, err := p.Set(value, "new"); err == nil {
			if got, err := p.Get(changed); err != nil || got != "new" {
				t.Fatalf("%s: set, then got %v, %v", text, got, err)
			}
		}
	})
}

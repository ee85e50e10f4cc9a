package jsonv_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// values generates any JSON value up to a small depth.
func values(depth int) *rapid.Generator[any] {
	scalars := []*rapid.Generator[any]{
		rapid.Just[any](nil),
		rapid.Bool().AsAny(),
		rapid.String().AsAny(),
		rapid.Map(rapid.Int64(), func(n int64) any { return json.Number(strconv.FormatInt(n, 10)) }),
		rapid.Map(rapid.Float64Range(-1e9, 1e9), func(f float64) any { return jsonv.Number(f) }),
	}
	if depth == 0 {
		return rapid.OneOf(scalars...)
	}
	inner := values(depth - 1)
	lists := rapid.Map(rapid.SliceOfN(inner, 0, 4), func(items []any) any { return append([]any{}, items...) })
	objects := rapid.Custom(func(t *rapid.T) any {
		o := jsonv.NewObject()
		for _, key := range rapid.SliceOfN(rapid.String(), 0, 4).Draw(t, "keys") {
			o.Set(key, inner.Draw(t, "value"))
		}
		return o
	})
	return rapid.OneOf(append(scalars, lists, objects)...)
}

func TestTextReadsBackAsTheSameValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := values(3).Draw(t, "value")
		text := jsonv.Text(v)
		back, err := jsonv.Parse(text)
		if err != nil {
			t.Fatalf("Parse(%s): %v", text, err)
		}
		if !jsonv.Equal(v, back) {
			t.Fatalf("%s read back as %s", text, jsonv.Text(back))
		}
		if again := jsonv.Text(back); again != text {
			t.Fatalf("%s became %s", text, again)
		}
	})
}

func TestCloneIsEqualAndIndependent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := jsonv.NewObject("inner", values(2).Draw(t, "value"), "o", jsonv.NewObject("k", "v"))
		c := jsonv.Clone(v).(*jsonv.Object)
		if !jsonv.Equal(v, c) {
			t.Fatalf("clone %s of %s", jsonv.Text(c), jsonv.Text(v))
		}
		before := jsonv.Text(v)
		o, _ := c.Get("o")
		o.(*jsonv.Object).Set("k", "changed")
		c.Delete("inner")
		if jsonv.Text(v) != before {
			t.Fatalf("changing the clone changed the original to %s", jsonv.Text(v))
		}
	})
}

func TestTextKeepsWhatWasWritten(t *testing.T) {
	for _, text := range []string{
		`{"z":1,"a":{"y":2,"b":3}}`,
		`[1.0,1e3,-0,12345678901234567890,0.10]`,
		`"<a> & \"b\" é"`,
		`{"":null,"nested":[[],{}]}`,
	} {
		v, err := jsonv.Parse(text)
		if err != nil {
			t.Fatalf("Parse(%s): %v", text, err)
		}
		if got := jsonv.Text(v); got != text {
			t.Errorf("Text(Parse(%s)) = %s", text, got)
		}
	}
}

func TestSyntaxErrorsSayWhatAWSSays(t *testing.T) {
	const tokens = "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
	for _, tt := range []struct{ text, message, place string }{
		{`not a definition`, "Unrecognized token 'not': " + tokens, `[Source: (String)"not a definition"; line: 1, column: 4]`},
		{"{\n  \"a\": bad}", "Unrecognized token 'bad': " + tokens, "[Source: (String)\"{\n  \"a\": bad}\"; line: 2, column: 11]"},
		{`{'a': 1}`, "Unexpected character (''' (code 39)): was expecting double-quote to start field name", `[Source: (String)"{'a': 1}"; line: 1, column: 3]`},
		{`{"a" 1}`, "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value", ""},
		{`{"a":1 "b":2}`, `Unexpected character ('"' (code 34)): was expecting comma to separate Object entries`, ""},
		{`[1 2]`, "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries", ""},
		{`{"a":`, "Unexpected end-of-input", ""},
		{``, "Unexpected end-of-input", ""},
	} {
		_, err := jsonv.Parse(tt.text)
		var syntax *jsonv.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("Parse(%q) = %v, want a SyntaxError", tt.text, err)
			continue
		}
		if syntax.Error() != tt.message {
			t.Errorf("Parse(%q) says %q, want %q", tt.text, syntax, tt.message)
		}
		if tt.place != "" && syntax.Place() != tt.place {
			t.Errorf("Parse(%q) fails at %q, want %q", tt.text, syntax.Place(), tt.place)
		}
	}
}

func TestParseRefusesHostileDepth(t *testing.T) {
	if _, err := jsonv.Parse(strings.Repeat("[", 2000) + strings.Repeat("]", 2000)); err == nil {
		t.Error("2000 nested arrays were accepted")
	}
}

func TestEqualComparesNumbersByValueAndIgnoresKeyOrder(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{`1`, `1.0`, true},
		{`100`, `1e2`, true},
		{`1`, `"1"`, false},
		{`{"a":1,"b":2}`, `{"b":2,"a":1}`, true},
		{`{"a":1}`, `{"a":1,"b":null}`, false},
		{`{"a":null}`, `{"b":null}`, false},
		{`[1,2]`, `[2,1]`, false},
		{`null`, `false`, false},
	} {
		a, _ := jsonv.Parse(tt.a)
		b, _ := jsonv.Parse(tt.b)
		if got := jsonv.Equal(a, b); got != tt.want {
			t.Errorf("Equal(%s, %s) = %v", tt.a, tt.b, got)
		}
	}
}

func TestObjectKeepsTheFirstPlaceOfAKey(t *testing.T) {
	o := jsonv.NewObject("a", nil, "b", nil, "c", nil)
	o.Set("a", true)
	o.Delete("b")
	o.Set("b", false)
	if got := o.Keys(); !slices.Equal(got, []string{"a", "c", "b"}) {
		t.Errorf("keys %v", got)
	}
	var none *jsonv.Object
	if _, ok := none.Get("a"); ok || none.Len() != 0 || none.Keys() != nil {
		t.Error("a nil object has keys")
	}
}

func TestObjectsTravelThroughEncodingJSON(t *testing.T) {
	type envelope struct{ Body *jsonv.Object }
	data, err := json.Marshal(envelope{jsonv.NewObject("z", json.Number("1.0"), "a", "x")})
	if err != nil || string(data) != `{"Body":{"z":1.0,"a":"x"}}` {
		t.Fatalf("marshalled %s, %v", data, err)
	}
	var back envelope
	if err := json.Unmarshal(data, &back); err != nil || jsonv.Text(back.Body) != `{"z":1.0,"a":"x"}` {
		t.Errorf("unmarshalled %s, %v", jsonv.Text(back.Body), err)
	}
	if err := json.Unmarshal([]byte(`{"Body":[1]}`), &back); err == nil {
		t.Error("an array was accepted as an object")
	}
}

func TestFromNativeTakesGoShapes(t *testing.T) {
	v := jsonv.FromNative(map[string]any{
		"b": 2.5, "a": []any{1, "x", nil, true}, "big": 1e21, "whole": 3.0, "struct": struct{ N int }{7},
	})
	if got, want := jsonv.Text(v), `{"a":[1,"x",null,true],"b":2.5,"big":1e+21,"struct":{"N":7},"whole":3}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{`{"a":[1,2.5e3,null]}`, `{'a'}`, `nul`, `"\ud800"`, `[`, "\xff", `{"a":1,"a":2}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := jsonv.Parse(text)
		if err != nil {
			var syntax *jsonv.SyntaxError
			if !errors.As(err, &syntax) || syntax.Error() == "" || syntax.Place() == "" {
				t.Fatalf("Parse(%q): %v is no complete SyntaxError", text, err)
			}
			return
		}
		back, err := jsonv.Parse(jsonv.Text(v))
		if err != nil || !jsonv.Equal(v, back) {
			t.Fatalf("%q became %s: %v", text, jsonv.Text(v), err)
		}
	})
}

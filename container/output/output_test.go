package output_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/container/output"
)

func TestParse(t *testing.T) {
	cases := map[string]struct{ text, want string }{
		"empty":                   {"", `{}`},
		"white space":             {" \n\t\n", `{}`},
		"an object":               {"\n { \"a\" : 1.50, \"b\" : [ true ] }\n", `{"a":1.50,"b":[true]}`},
		"lines":                   {"b=2\na=1\n", `{"a":"1","b":"2"}`},
		"no last line break":      {"a=1", `{"a":"1"}`},
		"windows lines":           {"a=1\r\nb=2\r\n", `{"a":"1","b":"2"}`},
		"the last of a key":       {"a=1\na=2", `{"a":"2"}`},
		"empty value":             {"a=", `{"a":""}`},
		"marks within the value":  {"a=b=c<<d", `{"a":"b=c<<d"}`},
		"spaces are kept":         {"a= b ", `{"a":" b "}`},
		"quotes are plain":        {`a="<b>"`, `{"a":"\"<b>\""}`},
		"several lines":           {"a<<END\none\n\ntwo=2\nEND\nb=1", `{"a":"one\n\ntwo=2","b":"1"}`},
		"several lines, empty":    {"a<<END\nEND", `{"a":""}`},
		"closing line with a =":   {"a<<x=y\none\nx=y", `{"a":"one"}`},
		"dots and dashes in keys": {"db.rows-total=1", `{"db.rows-total":"1"}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := output.Parse([]byte(c.text))
			if err != nil || string(got) != c.want {
				t.Fatalf("got %s, %v; want %s", got, err, c.want)
			}
		})
	}
}

func TestParseNamesThePlaceOfAnError(t *testing.T) {
	cases := map[string]struct{ text, want string }{
		"neither form":      {"a=1\nnonsense\n", `line 2: "nonsense" is neither`},
		"bad key":           {"a b=1", `line 1: "a b" is not a key`},
		"no key":            {"=1", `line 1: "" is not a key`},
		"open heredoc":      {"x=1\na<<END\none\n", `line 2: the value of "a" has no closing line "END"`},
		"nameless heredoc":  {"a<<\n", "line 1"},
		"broken object":     {"{\n  \"a\": 1,\n  b\n}", "line 3, column 3"},
		"two objects":       {"{}\n{}", "line 2, column 1"},
		"lines after JSON":  {"{}\na=1", "line 2, column 1"},
		"a list":            {"[1]", "not an object"},
		"not UTF-8":         {"a=1\nb=é\xff", "line 2, column 4: not valid UTF-8"},
		"not UTF-8 in JSON": {"{\"a\":\"\xff\"}", "line 1, column 7"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := output.Parse([]byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %s, %v; want an error with %q", got, err, c.want)
			}
		})
	}
}

func TestAppendedFieldsAreReadBack(t *testing.T) {
	folder := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		path := filepath.Join(folder, "output")
		before := rapid.SampledFrom([]string{"", "first=1", "first=1\n", `{"first":"1"}`, "first<<E\n1\nE"}).Draw(t, "before")
		if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{}
		if before != "" {
			want["first"] = "1"
		}
		values := rapid.MapOf(rapid.StringMatching(`[a-zA-Z_][a-z0-9]{0,4}`), rapid.StringOf(rapid.OneOf(
			rapid.Rune(), rapid.SampledFrom([]rune("\n=<END_"))).Filter(func(r rune) bool { return r != '\r' }))).Draw(t, "values")
		var fields []output.Field
		for name, value := range values {
			fields = append(fields, output.Field{Name: name, Value: value})
		}
		maps.Copy(want, values)
		if err := output.Append(path, fields); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := output.Parse(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		got := map[string]string{}
		if err := json.Unmarshal(parsed, &got); err != nil || !maps.Equal(got, want) {
			t.Fatalf("file %q reads as %q, %v; want %q", text, got, err, want)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "a=1", "a<<E\nx\nE", `{"a":1}`, "{", "a<<\n", "a=\xff", "{}{}", "[", "\r\n=\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := output.Parse(data)
		if err != nil {
			if strings.ContainsRune(err.Error(), '\n') {
				t.Fatalf("the error has several lines: %q", err)
			}
			return
		}
		var object map[string]any
		if err := json.Unmarshal(got, &object); err != nil || object == nil {
			t.Fatalf("%q became %q, which is no object: %v", data, got, err)
		}
	})
}

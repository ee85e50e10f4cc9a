package filter_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/filter"
)

// run is a row as a list of runs would have it.
type run struct {
	name, status, state, cause string
	age                        time.Duration
	ageless                    bool
}

func (r run) Text() filter.Text {
	return filter.NewText(safe.Line(r.name), safe.Line(r.status), safe.Line(r.state), safe.Line(r.cause))
}

func (r run) Field(name string) filter.Text {
	return filter.NewText(safe.Line(map[string]string{"name": r.name, "status": r.status, "state": r.state, "cause": r.cause}[name]))
}

func (r run) Age() (time.Duration, bool) { return r.age, !r.ageless }

var failed = run{name: "2026-11-23-orders", status: "FAILED", state: "Dump", cause: "OutOfMemoryError: two words", age: 90 * time.Minute}

func TestFilterTakes(t *testing.T) {
	for text, want := range map[string]bool{
		"":                              true,
		"   ":                           true,
		"orders":                        true,
		"orders dump":                   true,
		"orders users":                  false,
		"Orders":                        false,
		"Dump":                          true,
		"DUMP":                          false,
		"!users":                        true,
		"!orders":                       false,
		`"two words"`:                   true,
		`"words two"`:                   false,
		`!"two words"`:                  false,
		"status:failed":                 true,
		"STATUS:failed":                 true,
		"status:FAILED":                 true,
		"status:Failed":                 false,
		"!status:failed":                false,
		"state:Dump cause:OutOfMemory":  true,
		`cause:"two words"`:             true,
		"cause:dump":                    false,
		"age<2h":                        true,
		"age<1h":                        false,
		"age>1h":                        true,
		"age>1h30m":                     false,
		"!age<2h":                       false,
		"age<1d status:failed !running": true,
		"name:2026-11":                  true,
		`"status:failed"`:               false,
		"agent":                         false,
	} {
		f, err := filter.Parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := f.Match(failed); got != want {
			t.Errorf("%q: takes the run: %v, want %v", text, got, want)
		}
	}
}

func TestARowWithoutAgeIsNeitherYoungNorOld(t *testing.T) {
	for _, text := range []string{"age<2h", "age>2h"} {
		f, err := filter.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if f.Match(run{ageless: true}) {
			t.Errorf("%s takes a row without age", text)
		}
	}
}

func TestARNsAndURLsAreText(t *testing.T) {
	for _, text := range []string{"arn:aws:states:eu-west-1:1:execution:a:b", "https://example.com/x", "02:41:07"} {
		f, err := filter.Parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if !f.Match(run{name: "has " + text}) || f.Match(run{name: "other"}) {
			t.Errorf("%q is not looked for as text", text)
		}
	}
}

func TestErrorsNameTermPlaceAndWhatIsKnown(t *testing.T) {
	for text, want := range map[string]string{
		"orders stauts:failed": `"stauts:failed" at column 8: there is no field "stauts"; known are status, state, cause, name and age`,
		"größe status:":        `"status:" at column 7: nothing follows status:`,
		"age<2":                `"age<2" at column 1: the age has no unit; want a number and s, m, h, d or w`,
		"age<":                 `"age<" at column 1: no age follows`,
		"age>2y":               `"age>2y" at column 1: the age cannot be read`,
		"age<99999999w":        `"age<99999999w" at column 1: the age is more than 100 years`,
		"age:2h":               `"age:2h" at column 1: write age<2h`,
		"a !":                  `"!" at column 3: nothing follows the !`,
		`a "two words`:         `"\"two words" at column 3: the quote has no end`,
	} {
		_, err := filter.Parse(text)
		var refused *filter.Error
		if !errors.As(err, &refused) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
}

func TestCheckNamesTheValuesOfAField(t *testing.T) {
	for text, want := range map[string]string{
		"status:f cause:x":         "",
		"faild status:TIMED_OUT":   "",
		"!status:run status:time":  "",
		"orders status:faild":      `"status:faild" at column 8: no status is such; known are running, failed, timed_out`,
		"!status:Failed cause:bug": `"!status:Failed" at column 1: no status is such; known are running, failed, timed_out`,
	} {
		f, err := filter.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		if err := f.Check("status", "RUNNING", "FAILED", "TIMED_OUT"); err != nil {
			said = err.Error()
		}
		if said != want {
			t.Errorf("%q: %q, want %q", text, said, want)
		}
	}
}

var terms = rapid.SampledFrom([]string{
	"o", "or", "orders", "Orders", "D", "dump", `"two w"`, "status:f", "status:failed", "status:FAILED", "state:Du", "cause:out",
	"age<2h", "age<30m", "age>1h", "age>3d", "!x", "!orders", "!status:failed", "!age<2h",
})

var runs = rapid.Custom(func(r *rapid.T) run {
	return run{
		name: rapid.SampledFrom([]string{"orders", "Orders", "users", "two words", ""}).Draw(r, "name"), status: rapid.SampledFrom([]string{"FAILED", "failed", "RUNNING"}).Draw(r, "status"),
		state: rapid.SampledFrom([]string{"Dump", "dump", "Upload"}).Draw(r, "state"), cause: rapid.SampledFrom([]string{"", "OutOfMemory", "out"}).Draw(r, "cause"),
		age: time.Duration(rapid.IntRange(0, 100*60).Draw(r, "minutes")) * time.Minute, ageless: rapid.Bool().Draw(r, "ageless"),
	}
})

func parse(r *rapid.T, text string) filter.Filter {
	f, err := filter.Parse(text)
	if err != nil {
		r.Fatalf("%q: %v", text, err)
	}
	return f
}

func TestMoreTermsTakeNoMoreRows(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		few := strings.Join(rapid.SliceOfN(terms, 0, 3).Draw(r, "terms"), " ")
		more := few + " " + terms.Draw(r, "one more")
		row := runs.Draw(r, "row")
		if parse(r, more).Match(row) && !parse(r, few).Match(row) {
			r.Fatalf("%q takes %+v and %q does not", more, row, few)
		}
		if !parse(r, more).Narrows(parse(r, few)) {
			r.Fatalf("%q is not known to narrow %q", more, few)
		}
	})
}

func TestNotIsTheComplement(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		term := terms.Filter(func(s string) bool { return s[0] != '!' }).Draw(r, "term")
		row := runs.Draw(r, "row")
		if parse(r, term).Match(row) == parse(r, "!"+term).Match(row) {
			r.Fatalf("%q and its complement agree on %+v", term, row)
		}
	})
}

func TestNarrowsIsNeverWrong(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f := parse(r, strings.Join(rapid.SliceOfN(terms, 0, 3).Draw(r, "terms"), " "))
		last := parse(r, strings.Join(rapid.SliceOfN(terms, 0, 3).Draw(r, "last"), " "))
		row := runs.Draw(r, "row")
		if f.Narrows(last) && f.Match(row) && !last.Match(row) {
			r.Fatalf("said to narrow, but takes %+v anew", row)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "a b", "!a", `"a b`, "status:failed", "age<2h", "age>", "arn:aws:x", "\x00\xff:", `!"`, `status:"a b"c`, "age<9999999999999999999d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := filter.Parse(text)
		var refused *filter.Error
		if err != nil {
			if !errors.As(err, &refused) || refused.Column < 1 || refused.Reason == "" {
				t.Fatalf("%q: error %#v", text, err)
			}
			return
		}
		row := run{name: text}
		again, err := filter.Parse(text)
		if err != nil || parsed.Match(row) != again.Match(row) || !parsed.Narrows(again) {
			t.Errorf("%q is not parsed the same twice", text)
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	f, err := filter.Parse("orders status:failed")
	if err != nil {
		b.Fatal(err)
	}
	row := cached{text: failed.Text(), status: failed.Field("status")}
	b.ReportAllocs()
	for b.Loop() {
		if !f.Match(row) {
			b.Fatal("no match")
		}
	}
}

// cached makes its texts once, as lists do.
type cached struct{ text, status filter.Text }

func (c cached) Text() filter.Text          { return c.text }
func (c cached) Field(string) filter.Text   { return c.status }
func (c cached) Age() (time.Duration, bool) { return 0, false }

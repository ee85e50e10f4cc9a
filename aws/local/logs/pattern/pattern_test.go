package pattern_test

import (
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/local/logs/pattern"
)

const record = `{"level":"error","n":5.5,"ok":true,"off":false,"gone":null,"code":"404","user":{"first name":"Ada","ip":"10.0.7.1"},` +
	`"list":[{"id":1},{"id":2}],"dotted.name":"yes"}`

func TestMatch(t *testing.T) {
	tests := []struct {
		pattern, message string
		want             bool
	}{
		{"", "anything", true},
		{"ERROR", "an ERROR here", true},
		{"ERROR", "an error here", false},
		{"ERROR", "ERRORS", true},
		{"ERROR task", "the task had an ERROR", true},
		{"ERROR task", "an ERROR", false},
		{"?ERROR ?WARN", "a WARN", true},
		{"?ERROR ?WARN", "an INFO", false},
		{"?ERROR ?WARN task", "a task", true},
		{"ERROR -retry", "ERROR", true},
		{"ERROR -retry", "ERROR, will retry", false},
		{"-retry", "fine", true},
		{`"exit code 137"`, "task had exit code 137.", true},
		{`"exit code 137"`, "exit 137 code", false},
		{`-"exit code"`, "exit code 1", false},
		{`?"a b" ?"c d"`, "xc dx", true},
		{`"say \"hi\""`, `they say "hi"`, true},
		{`"c:\dir"`, `c:\dir`, true},
		{"größe_1", "größe_1", true},

		{`{ $.level = "error" }`, record, true},
		{`{ $.level = error }`, record, true},
		{`{ $.level = "Error" }`, record, false},
		{`{ $.level != "info" }`, record, true},
		{`{ $.absent != "info" }`, record, false},
		{`{ $.level = "err*" }`, record, true},
		{`{ $.level = "*r*r" }`, record, true},
		{`{ $.level = "*x*" }`, record, false},
		{`{ $.level = "e*e" }`, record, false},
		{`{ $.user.ip = 10.0.* }`, record, true},
		{`{ $.user.ip != 10.0.* }`, record, false},
		{`{ $.n > 5 }`, record, true},
		{`{ $.n >= 5.5 && $.n <= 5.5 }`, record, true},
		{`{ $.n < 5.5 }`, record, false},
		{`{ $.n = 55e-1 }`, record, true},
		{`{ $.n != 5 }`, record, true},
		{`{ $.code = 404 }`, record, false},
		{`{ $.code = "404" }`, record, true},
		{`{ $.n = 5* }`, record, true},
		{`{ $.ok IS TRUE }`, record, true},
		{`{ $.off IS FALSE }`, record, true},
		{`{ $.ok IS FALSE }`, record, false},
		{`{ $.gone IS NULL }`, record, true},
		{`{ $.absent IS NULL }`, record, false},
		{`{ $.absent NOT EXISTS }`, record, true},
		{`{ $.gone NOT EXISTS }`, record, false},
		{`{ $.gone not exists }`, record, false},
		{`{ $.list[0].id = 1 }`, record, true},
		{`{ $.list[1].id = 1 }`, record, false},
		{`{ $.list[9].id = 1 }`, record, false},
		{`{ $.list[*].id = 2 }`, record, true},
		{`{ $.user['first name'] = "Ada" }`, record, true},
		{`{ $.["dotted.name"] = "yes" }`, record, true},
		{`{ $.level = "error" && $.n > 5 }`, record, true},
		{`{ $.level = "info" && $.n > 5 }`, record, false},
		{`{ $.level = "info" || $.n > 5 }`, record, true},
		{`{ $.level = "error" || $.n > 9 && $.ok IS FALSE }`, record, true},
		{`{ ($.level = "error" || $.n > 9) && $.ok IS FALSE }`, record, false},
		{`{$.level="error"&&$.n>5}`, record, true},
		{`{ $.level = "error" }`, `level = "error"`, false},
		{`{ $.level = "error" }`, `["error"]`, false},
		{`{ $.level = "error" }`, `{"level":"error"} and more`, false},
		{`{ $.level = "error" }`, `{"level":"error"`, false},
	}
	for _, test := range tests {
		t.Run(test.pattern+" on "+test.message, func(t *testing.T) {
			p, err := pattern.Parse(test.pattern)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Match(test.message); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	const invalid = "Invalid filter pattern"
	tests := map[string]string{
		`run-task`:                      "Invalid character(s) in term 'run-task'",
		`a/b`:                           "Invalid character(s) in term 'a/b'",
		`[ip, user]`:                    "Invalid character(s) in term '[ip,'",
		`"open`:                         invalid,
		`"open\`:                        invalid,
		`-`:                             invalid,
		`? x`:                           invalid,
		`{`:                             invalid,
		`{}`:                            invalid,
		`{ $.a }`:                       invalid,
		`{ $.a = }`:                     invalid,
		`{ $.a = "x }`:                  invalid,
		`{ $.a = "x" `:                  invalid,
		`{ a = "x" }`:                   invalid,
		`{ $ = "x" }`:                   invalid,
		`{ $. = "x" }`:                  invalid,
		`{ $.a > "x" }`:                 invalid,
		`{ $.a < x }`:                   invalid,
		`{ $.a IS x }`:                  invalid,
		`{ $.a IS NULLs }`:              invalid,
		`{ $.a NOT x }`:                 invalid,
		`{ $.a[x] = 1 }`:                invalid,
		`{ $.a[-1] = 1 }`:               invalid,
		`{ $.a[1 = 1 }`:                 invalid,
		`{ $.a[''] = 1 }`:               invalid,
		`{ ($.a = 1 }`:                  invalid,
		`{ $.a = 1) }`:                  invalid,
		`{ $.a = 1 && }`:                invalid,
		`{ $.a = 1 $.b = 2 }`:           invalid,
		strings.Repeat("x", 1025):       invalid,
		strings.Repeat("{", 500) + "}":  invalid,
		"{" + strings.Repeat("(", 1000): invalid,
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			if _, err := pattern.Parse(text); err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{`ERROR -x ?y "z"`, `{ ($.a[0]['b'].c != "x*" || $.n >= 1e3) && $.d IS NULL }`, `{ $.a NOT EXISTS }`, `"\"`, `{ $.[*]`} {
		f.Add(seed, record)
	}
	f.Fuzz(func(t *testing.T, text, message string) {
		p, err := pattern.Parse(text)
		if err != nil {
			return
		}
		first := p.Match(message)
		if second := p.Match(message); first != second {
			t.Error("a message matches only sometimes")
		}
		if again, err := pattern.Parse(" " + text + " "); err != nil || again.Match(message) != p.Match(message) {
			t.Errorf("blanks around the pattern change it: %v", err)
		}
	})
}

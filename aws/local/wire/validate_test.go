package wire_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

func TestViolationsSpeakAsAWS(t *testing.T) {
	tests := map[string]struct {
		check func(v *wire.Violations)
		want  string
	}{
		"fine": {func(v *wire.Violations) {
			v.Required("a", true)
			v.Range("b", 1, 1, 1)
			v.Length("c", "éé", 2, 2)
			v.Enum("d", "X", "X")
			v.Pattern("e", "ab", regexp.MustCompile("[ab]+"))
			v.Items("f", 2, 1, 2)
		}, ""},
		"missing": {func(v *wire.Violations) { v.Required("arn", false) }, "Value null at 'arn' failed to satisfy constraint: Member must not be null"},
		"low":     {func(v *wire.Violations) { v.Range("n", -1, 0, 9) }, "Value '-1' at 'n' failed to satisfy constraint: Member must have value greater than or equal to 0"},
		"high": {
			func(v *wire.Violations) { v.Range("maxResults", 1001, 0, 1000) },
			"Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000",
		},
		"short": {func(v *wire.Violations) { v.Length("s", "", 1, 2) }, "Value '' at 's' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		"long":  {func(v *wire.Violations) { v.Length("s", "abc", 1, 2) }, "Value 'abc' at 's' failed to satisfy constraint: Member must have length less than or equal to 2"},
		"enum":  {func(v *wire.Violations) { v.Enum("e", "x", "A", "B") }, "Value 'x' at 'e' failed to satisfy constraint: Member must satisfy enum value set: [A, B]"},
		"pattern": {
			func(v *wire.Violations) { v.Pattern("p", "ab c", regexp.MustCompile("[a-c]+")) },
			"Value 'ab c' at 'p' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-c]+",
		},
		"few":  {func(v *wire.Violations) { v.Items("l", 0, 1, 2) }, "Value '[]' at 'l' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		"many": {func(v *wire.Violations) { v.Items("l", 3, 1, 2) }, "Value '[...]' at 'l' failed to satisfy constraint: Member must have length less than or equal to 2"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var v wire.Violations
			test.check(&v)
			got := ""
			if err := v.Err(); err != nil {
				got = strings.TrimPrefix(err.Error(), "ValidationException: 1 validation error detected: ")
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
	var v wire.Violations
	v.Required("a", false)
	v.Required("b", false)
	if err := v.ErrAs("InvalidParameterException"); !strings.HasPrefix(err.Error(), "InvalidParameterException: 2 validation errors detected: Value null at 'a'") ||
		!strings.Contains(err.Error(), "; Value null at 'b'") {
		t.Errorf("two together: %v", err)
	}
}

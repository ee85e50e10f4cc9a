package workflow

import (
	"encoding/json"
	"log/slog"
	"regexp"
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// Token is a callback task token. It is a secret: whoever has it can answer for
// the task. It prints masked everywhere; Reveal gives the value.
type Token struct{ value string }

// NewToken wraps a raw token.
func NewToken(raw string) Token { return Token{raw} }

// Reveal returns the token itself, to be sent to AWS and nowhere else.
func (t Token) Reveal() string { return t.value }

// Empty reports whether there is no token.
func (t Token) Empty() bool { return t.value == "" }

// String returns the mask: … and the last six characters.
func (t Token) String() string {
	switch {
	case t.value == "":
		return ""
	case len(t.value) < 40:
		return "…"
	}
	return "…" + t.value[len(t.value)-6:]
}

// GoString masks the token in %#v too.
func (t Token) GoString() string { return t.String() }

// MarshalJSON writes the mask.
func (t Token) MarshalJSON() ([]byte, error) { return json.Marshal(t.String()) }

// LogValue masks the token in logs.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// tokenShape is what AWS's tokens look like. Their length has grown over the
// years (640 to 750 seen); anything from shortestToken on is taken for one.
var tokenShape = regexp.MustCompile(`A[AQ][A-Za-z0-9+/=]+`)

const shortestToken = 200

// MaskTokens replaces whatever looks like a task token by its mask.
func MaskTokens(s string) string {
	return tokenShape.ReplaceAllStringFunc(s, func(raw string) string {
		if len(raw) < shortestToken {
			return raw
		}
		return NewToken(raw).String()
	})
}

// findToken returns the first part of s that looks like a token, or "".
func findToken(s string) string {
	if len(s) < shortestToken {
		return ""
	}
	for _, m := range tokenShape.FindAllString(s, -1) {
		if len(m) >= shortestToken {
			return m
		}
	}
	return ""
}

// Token finds the attempt's token in what it sent: at the place where the
// definition binds it, else in an environment variable named for it, else by
// shape. It is empty when the attempt sent none. The definition may be nil.
func (a *Attempt) Token(state safe.Text, d *Definition) Token {
	sent, err := parseTree(a.Parameters)
	if err != nil {
		return Token{}
	}
	if d != nil {
		if s, ok := d.State(state); ok {
			for _, path := range s.tokenPaths {
				if t := boundToken(sent.at(path)); !t.Empty() {
					return t
				}
			}
		}
	}
	if t := namedToken(sent); !t.Empty() {
		return t
	}
	return shapedToken(sent)
}

// boundToken reads the token out of a value that a definition binds to it.
func boundToken(bound *tree) Token {
	switch {
	case bound == nil:
		return Token{}
	case bound.kind != 's':
		if t := namedToken(bound); !t.Empty() {
			return t
		}
		return shapedToken(bound)
	}
	if m := findToken(bound.text); m != "" {
		return NewToken(m)
	}
	return NewToken(bound.text)
}

// namedToken looks for {"Name": "TASK_TOKEN", "Value": …} anywhere below t.
func namedToken(t *tree) Token {
	if t == nil {
		return Token{}
	}
	name := strings.ReplaceAll(strings.ToUpper(t.str("Name")), "_", "")
	if value := t.str("Value"); value != "" && strings.Contains(name, "TASKTOKEN") {
		return NewToken(value)
	}
	for _, v := range t.values {
		if found := namedToken(v); !found.Empty() {
			return found
		}
	}
	return Token{}
}

func shapedToken(t *tree) Token {
	found := ""
	t.strings(nil, func(_ []string, s string) {
		if found == "" {
			found = findToken(s)
		}
	})
	return NewToken(found)
}

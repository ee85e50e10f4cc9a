package workflow

import (
	"encoding/json"
	"log/slog"
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

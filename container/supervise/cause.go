package supervise

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

const (
	maxCause   = 32_768 // bytes; AWS: SendTaskFailure.cause
	maxReason  = 2_048  // bytes of the reason in a cause: escaped sixfold, all but the tail still fits
	maxCommand = 1_024  // bytes of the command line in a cause
)

// cause is the JSON given to SendTaskFailure.
type cause struct {
	Reason    string  `json:"reason"`
	Command   string  `json:"command"`
	ExitCode  *int    `json:"exitCode,omitempty"`
	Signal    string  `json:"signal,omitempty"`
	Seconds   float64 `json:"seconds"`
	Task      string  `json:"task,omitempty"`
	LogStream string  `json:"logStream,omitempty"`
	Tail      string  `json:"tail"`
}

// encode masks the secrets and shortens the tail from its start until the whole fits into maxCause.
func (c cause) encode(secrets []string) string {
	c.Reason = head(mask(c.Reason, secrets), maxReason)
	c.Command = head(mask(c.Command, secrets), maxCommand)
	c.Seconds = float64(int64(c.Seconds*10)) / 10
	for {
		text := c.marshal()
		over := len(text) - maxCause
		if over <= 0 || c.Tail == "" {
			return text
		}
		// An escaped byte has up to six; cutting a sixth of the excess, and at least a line, ends soon.
		c.Tail = lastLines(c.Tail, len(c.Tail)-max(over/6, 1))
	}
}

func (c cause) marshal() string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(c); err != nil {
		return `{"reason":"the cause could not be encoded"}` // strings and numbers always can
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// head returns at most limit bytes from the start of text, as valid UTF-8.
func head(text string, limit int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= limit {
		return text
	}
	limit -= len("…")
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit] + "…"
}

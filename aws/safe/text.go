// Package safe turns text from outside (logs, names, causes, payloads) into
// text that may be drawn on a terminal: it moves no cursor, sets no title,
// hides nothing and reorders nothing.
package safe

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Text is text that is safe to draw. It can only be made by sanitising, so a
// widget that takes Text cannot be handed raw input. Equal raw strings give
// equal Texts, so Text may be compared with == and used as a map key.
type Text struct{ s string }

// Line makes one line: line breaks become the visible sign ␤, a final line
// break is dropped. Printable ASCII costs no allocation.
func Line(raw string) Text {
	if plain(raw, false) {
		return Text{raw}
	}
	raw = strings.TrimSuffix(strings.TrimSuffix(raw, "\n"), "\r")
	return Text{clean(raw, false)}
}

// Block keeps \n as line break (\r\n becomes \n); everything else is as in Line.
func Block(raw string) Text {
	if plain(raw, true) {
		return Text{raw}
	}
	return Text{clean(raw, true)}
}

// Linef formats and sanitises the result as one line.
func Linef(format string, args ...any) Text { return Line(fmt.Sprintf(format, args...)) }

// Join concatenates parts with sep between them.
func Join(sep string, parts ...Text) Text {
	raw := make([]string, len(parts))
	for i, p := range parts {
		raw[i] = p.s
	}
	return Text{strings.Join(raw, Block(sep).s)}
}

// String returns the sanitised text.
func (t Text) String() string { return t.s }

// Empty reports whether there is nothing to draw.
func (t Text) Empty() bool { return t.s == "" }

// Or returns t, or other when t is empty.
func (t Text) Or(other Text) Text {
	if t.s == "" {
		return other
	}
	return t
}

// OneLine returns a block as one line, its line breaks as ␤.
func (t Text) OneLine() Text {
	if strings.IndexByte(t.s, '\n') < 0 {
		return t
	}
	return Line(t.s)
}

// FirstLine returns what stands before the first line break.
func (t Text) FirstLine() Text {
	first, _, _ := strings.Cut(t.s, "\n")
	return Text{first}
}

// Lines splits a block at its line breaks. An empty text has no lines.
func (t Text) Lines() []Text {
	if t.s == "" {
		return nil
	}
	lines := make([]Text, 0, strings.Count(t.s, "\n")+1)
	for line := range strings.SplitSeq(strings.TrimSuffix(t.s, "\n"), "\n") {
		lines = append(lines, Text{line})
	}
	return lines
}

// MarshalJSON writes the text as a JSON string.
func (t Text) MarshalJSON() ([]byte, error) { return json.Marshal(t.s) }

// UnmarshalJSON sanitises the string it reads, as Block does.
func (t *Text) UnmarshalJSON(data []byte) error {
	var raw string
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*t = Block(raw)
	return nil
}

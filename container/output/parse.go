// Package output reads and extends the file in which a job leaves its result ($STEPRUN_OUTPUT).
// The file holds either one JSON object or lines of key=value, where a value of several lines is
// written as key<<END, the lines, END. Values given as lines are always strings.
package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

var key = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// Parse turns the content of the file into one compact JSON object; an empty file is {}.
// A key given twice keeps its last value. An error names the line that is wrong.
func Parse(data []byte) (json.RawMessage, error) {
	if at := firstInvalid(data); at >= 0 {
		line, column := place(data, at)
		return nil, fmt.Errorf("line %d, column %d: not valid UTF-8; write text, or encode binary values as base64", line, column)
	}
	switch trimmed := bytes.TrimLeft(data, " \t\r\n"); {
	case len(trimmed) == 0:
		return json.RawMessage("{}"), nil
	case trimmed[0] == '{':
		return parseObject(data)
	case trimmed[0] == '[', trimmed[0] == '"':
		return nil, errors.New("line 1: the output is JSON but not an object; write {\"name\": value} or key=value lines")
	default:
		return parseLines(string(data))
	}
}

func parseObject(data []byte) (json.RawMessage, error) {
	var value json.RawMessage
	if err := json.Unmarshal(data, &value); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			line, column := place(data, int(syntax.Offset)-1)
			return nil, fmt.Errorf("line %d, column %d: %w", line, column, err)
		}
		return nil, err
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, value); err != nil {
		return nil, err
	}
	return compact.Bytes(), nil
}

func parseLines(text string) (json.RawMessage, error) {
	values := map[string]string{}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSuffix(lines[i], "\r")
		if strings.TrimSpace(line) == "" {
			continue
		}
		name, value, end, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		if end != "" {
			stop := indexOf(lines, i+1, end)
			if stop < 0 {
				return nil, fmt.Errorf("line %d: the value of %q has no closing line %q", i+1, name, end)
			}
			value = strings.Join(lines[i+1:stop], "\n")
			i = stop
		}
		values[name] = value
	}
	return encode(values)
}

// parseLine returns the value of key=value, or the closing line of key<<END. The earlier of the
// two marks decides, so a value may hold << and a closing line may hold =.
func parseLine(line string) (name, value, end string, err error) {
	equals, heredoc := strings.Index(line, "="), strings.Index(line, "<<")
	switch {
	case equals < 0 && heredoc < 0:
		return "", "", "", fmt.Errorf("%q is neither key=value nor key<<END", clip(line))
	case heredoc >= 0 && (equals < 0 || heredoc < equals):
		name, end = line[:heredoc], line[heredoc+2:]
		if end == "" {
			return "", "", "", fmt.Errorf("%q names no closing line; write %s<<END", clip(line), clip(name))
		}
	default:
		name, value = line[:equals], line[equals+1:]
	}
	if !key.MatchString(name) {
		return "", "", "", fmt.Errorf("%q is not a key: use letters, digits, _ . - and start with a letter or _", clip(name))
	}
	return name, value, end, nil
}

func indexOf(lines []string, from int, end string) int {
	for i := from; i < len(lines); i++ {
		if strings.TrimSuffix(lines[i], "\r") == end {
			return i
		}
	}
	return -1
}

func encode(value any) (json.RawMessage, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // the size limit counts bytes; \u003c would cost six
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

func firstInvalid(data []byte) int {
	for at := 0; at < len(data); {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}

func place(data []byte, offset int) (line, column int) {
	before := data[:min(max(offset, 0), len(data))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[start:]) + 1
}

func clip(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

package triage

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// unwrapped is a cause taken apart: what JSON it held, however deep, and the
// text that was none.
type unwrapped struct {
	texts      []string // sentences: reasons, messages, plain causes
	tail       []string // the job's last lines
	errors     []string // names of errors, outermost first
	reasons    []string // ECS's: of the task, then of containers
	containers []causeContainer
	stopCode   string
	taskARN    string
	childRun   string // the deepest child run
	childState string // its status
	exitCode   *int
	cpu        string // of the task, in units
	memory     string // of the task, in MiB
	cut        bool   // the JSON ended early
}

type causeContainer struct {
	name     string
	exitCode *int
	reason   string
}

// deepest bounds how far JSON within JSON is followed.
const deepest = 12

// unwrap takes a cause apart. Keys are matched in any case, because Step
// Functions writes ECS's with a capital. JSON that is cut off yields what stood
// before the cut.
func unwrap(cause string) unwrapped {
	var u unwrapped
	u.read(cause, deepest)
	return u
}

func (u *unwrapped) read(text string, depth int) {
	trimmed := strings.TrimSpace(text)
	if depth <= 0 || trimmed == "" {
		return
	}
	if trimmed[0] != '{' && trimmed[0] != '[' {
		u.plainText(trimmed)
		return
	}
	r := jsonReader{decoder: json.NewDecoder(strings.NewReader(trimmed)), text: trimmed}
	r.decoder.UseNumber()
	value, err := r.value(64)
	if object, ok := value.(map[string]any); ok {
		u.object(object, depth)
	} else if list, ok := value.([]any); ok {
		u.list(list, depth)
	}
	if err != nil {
		u.cut = true
		if value == nil {
			u.plainText(r.rest())
		}
	}
}

func (u *unwrapped) plainText(text string) {
	if text != "" {
		u.texts = append(u.texts, text)
	}
}

func (u *unwrapped) list(values []any, depth int) {
	for _, v := range values {
		switch v := v.(type) {
		case map[string]any:
			u.object(v, depth)
		case string:
			u.read(v, depth-1)
		}
	}
}

// object takes what is known of a JSON object. Members of no known name are
// looked into for objects only, so that payloads do not count as reasons.
func (u *unwrapped) object(o map[string]any, depth int) {
	if depth <= 0 {
		return
	}
	m := make(map[string]any, len(o))
	for k, v := range o {
		m[strings.ToLower(k)] = v
	}
	str := func(key string) string { s, _ := m[key].(string); return s }
	if arn := str("executionarn"); arn != "" {
		u.childRun, u.childState = arn, str("status")
	}
	for _, key := range []string{"error", "errortype", "errorcode", "errorname"} {
		if name := str(key); name != "" && !strings.HasPrefix(strings.TrimSpace(name), "{") {
			u.errors = append(u.errors, name)
		}
	}
	if arn := str("taskarn"); arn != "" {
		u.taskARN = arn
	}
	u.stopCode = cmp.Or(str("stopcode"), u.stopCode)
	u.cpu, u.memory = cmp.Or(str("cpu"), u.cpu), cmp.Or(str("memory"), u.memory)
	if reason := str("stoppedreason"); reason != "" {
		u.reasons = append(u.reasons, reason)
	}
	if n, ok := asInt(m["exitcode"]); ok {
		u.exitCode = &n
	}
	if list, ok := m["containers"].([]any); ok {
		u.readContainers(list)
	}
	if list, ok := m["failures"].([]any); ok {
		u.readFailures(list)
	}
	for _, key := range []string{"reason", "message", "errormessage", "cause", "detail", "details", "description", "stderr"} {
		switch v := m[key].(type) {
		case string:
			u.read(v, depth-1)
		case map[string]any:
			u.object(v, depth-1)
		}
	}
	if nested, ok := m["error"].(map[string]any); ok {
		u.object(nested, depth-1)
	}
	u.lines(m)
	for _, key := range []string{"tasks", "task", "errors"} {
		switch v := m[key].(type) {
		case []any:
			u.list(v, depth-1)
		case map[string]any:
			u.object(v, depth-1)
		}
	}
}

// lines takes the job's last output, as one text or as a list.
func (u *unwrapped) lines(m map[string]any) {
	for _, key := range []string{"tail", "log", "logs", "output", "lastlines", "stdout"} {
		switch v := m[key].(type) {
		case string:
			if !strings.HasPrefix(strings.TrimSpace(v), "{") {
				u.tail = append(u.tail, strings.Split(strings.TrimRight(v, "\n"), "\n")...)
			}
		case []any:
			for _, line := range v {
				if s, ok := line.(string); ok {
					u.tail = append(u.tail, s)
				}
			}
		}
	}
}

func (u *unwrapped) readContainers(list []any) {
	for _, v := range list {
		o, ok := v.(map[string]any)
		if !ok {
			continue
		}
		var c causeContainer
		for k, v := range o {
			switch strings.ToLower(k) {
			case "name":
				c.name, _ = v.(string)
			case "reason":
				c.reason, _ = v.(string)
			case "exitcode":
				if n, ok := asInt(v); ok {
					c.exitCode = &n
				}
			}
		}
		u.containers = append(u.containers, c)
	}
}

// readFailures takes what RunTask answers instead of tasks.
func (u *unwrapped) readFailures(list []any) {
	for _, v := range list {
		o, _ := v.(map[string]any)
		for k, v := range o {
			if s, ok := v.(string); ok && (strings.EqualFold(k, "reason") || strings.EqualFold(k, "detail")) {
				u.reasons = append(u.reasons, s)
			}
		}
	}
}

func asInt(v any) (int, bool) {
	switch v := v.(type) {
	case json.Number:
		n, err := strconv.Atoi(v.String())
		return n, err == nil
	case string:
		n, err := strconv.Atoi(v)
		return n, err == nil
	}
	return 0, false
}

// jsonReader reads a JSON value as far as it goes.
type jsonReader struct {
	decoder *json.Decoder
	text    string
}

// value reads the next value. On an error it returns what was read of it.
func (r *jsonReader) value(depth int) (any, error) {
	token, err := r.decoder.Token()
	if err != nil {
		return nil, err
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return token, nil
	}
	if depth <= 0 {
		return nil, fmt.Errorf("JSON is nested too deep")
	}
	if delim == '[' {
		return r.array(depth)
	}
	return r.object(depth)
}

func (r *jsonReader) array(depth int) (any, error) {
	var list []any
	for r.decoder.More() {
		v, err := r.value(depth - 1)
		if v != nil {
			list = append(list, v)
		}
		if err != nil {
			return list, err
		}
	}
	_, err := r.decoder.Token()
	return list, err
}

func (r *jsonReader) object(depth int) (any, error) {
	object := map[string]any{}
	for r.decoder.More() {
		key, err := r.decoder.Token()
		if err != nil {
			return object, err
		}
		v, err := r.value(depth - 1)
		name, _ := key.(string)
		if v != nil {
			object[name] = v
		} else if err != nil {
			// The value that was cut off counts for its key.
			object[name] = r.rest()
		}
		if err != nil {
			return object, err
		}
	}
	_, err := r.decoder.Token()
	return object, err
}

// rest is what follows the last whole token, without the marks of JSON.
func (r *jsonReader) rest() string {
	at := min(int(r.decoder.InputOffset()), len(r.text))
	text := strings.NewReplacer(`\n`, "\n", `\"`, `"`, `\t`, " ", `\\`, `\`).Replace(r.text[at:])
	return strings.Trim(text, " \t\r\n:,\"{}[]")
}

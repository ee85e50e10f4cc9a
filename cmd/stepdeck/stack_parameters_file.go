package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// parametersForm is a form that a file of parameters has.
type parametersForm struct {
	read    func(text []byte) (map[string]string, error)
	example string
}

var (
	tomlForm   = parametersForm{tomlParameters, `write it as TaskMemory = 1024, and in the next line SubnetIds = ["subnet-…"]`}
	objectForm = parametersForm{objectParameters, `write it as {"TaskMemory": "1024", "SubnetIds": ["subnet-…"]}`}
	awsForm    = parametersForm{awsParameters, `write it as [{"ParameterKey": "TaskMemory", "ParameterValue": "1024"}]`}
)

// readParameters reads a file of names and values. A list's items are joined by commas.
func readParameters(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, refuse("--parameters-file", safe.Line(err.Error()), "name a file that can be read")
	}
	form := objectForm
	switch {
	case strings.EqualFold(filepath.Ext(path), ".toml"):
		form = tomlForm
	case bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")):
		form = awsForm
	}
	values, err := form.read(text)
	if err != nil {
		return nil, refuse("--parameters-file", safe.Linef("%s:%v", path, err), form.example)
	}
	return values, nil
}

// placeError tells what is wrong at a place in a file; lines and columns count from 1.
type placeError struct {
	line, column int
	reason       string
}

func (e *placeError) Error() string { return fmt.Sprintf("%d:%d: %s", e.line, e.column, e.reason) }

// wrongAt is what is wrong at the offset, in bytes, of a text.
func wrongAt(text []byte, offset int64, reason string) error {
	before := text[:min(max(offset, 0), int64(len(text)))]
	begin := bytes.LastIndexByte(before, '\n') + 1
	return &placeError{1 + bytes.Count(before, []byte("\n")), 1 + utf8.RuneCount(before[begin:]), reason}
}

func tomlParameters(text []byte) (map[string]string, error) {
	var values map[string]any
	err := toml.Unmarshal(text, &values)
	var wrong *toml.DecodeError
	if errors.As(err, &wrong) {
		line, column := wrong.Position()
		return nil, &placeError{line, column, strings.TrimPrefix(wrong.Error(), "toml: ")}
	}
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(values))
	for name, value := range values {
		if out[name], err = parameterText(value); err != nil {
			return nil, wrongAt(text, placeInTOML(text, name), name+": "+err.Error())
		}
	}
	return out, nil
}

// placeInTOML is the offset at which a name first stands, as a key or as a table's.
func placeInTOML(text []byte, name string) int64 {
	var p unstable.Parser
	for p.Reset(text); p.NextExpression(); {
		if key := p.Expression().Key(); key.Next() && string(key.Node().Data) == name {
			return int64(key.Node().Raw.Offset)
		}
	}
	return 0
}

// jsonReader reads JSON value by value, and knows where each stands.
type jsonReader struct {
	*json.Decoder
	text []byte
}

// newJSONReader refuses what is no JSON, or more than one value.
func newJSONReader(text []byte) (*jsonReader, error) {
	var all any
	err := json.Unmarshal(text, &all)
	var wrong *json.SyntaxError
	if errors.As(err, &wrong) {
		return nil, wrongAt(text, wrong.Offset-1, wrong.Error())
	}
	if err != nil {
		return nil, err
	}
	r := &jsonReader{json.NewDecoder(bytes.NewReader(text)), text}
	r.UseNumber()
	return r, nil
}

// next is the offset of the value that is read next.
func (r *jsonReader) next() int64 {
	at := r.InputOffset()
	return at + int64(len(r.text[at:])-len(bytes.TrimLeft(r.text[at:], " \t\r\n:,")))
}

func objectParameters(text []byte) (map[string]string, error) {
	r, err := newJSONReader(text)
	if err != nil {
		return nil, err
	}
	begin := r.next()
	if open, err := r.Token(); err != nil || open != json.Delim('{') {
		return nil, wrongAt(text, begin, "the file holds no object")
	}
	out := map[string]string{}
	for r.More() {
		at := r.next()
		key, err := r.Token()
		if err != nil {
			return nil, wrongAt(text, at, err.Error())
		}
		name := fmt.Sprint(key)
		if _, twice := out[name]; twice {
			return nil, wrongAt(text, at, name+" is there twice")
		}
		at = r.next()
		var value any
		if err = r.Decode(&value); err == nil {
			out[name], err = parameterText(value)
		}
		if err != nil {
			return nil, wrongAt(text, at, name+": "+err.Error())
		}
	}
	return out, nil
}

// awsParameters reads the form that the aws command takes.
func awsParameters(text []byte) (map[string]string, error) {
	r, err := newJSONReader(text)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	if _, err := r.Token(); err != nil {
		return nil, wrongAt(text, 0, err.Error())
	}
	for r.More() {
		at := r.next()
		var p struct {
			ParameterKey, ParameterValue string
			UsePreviousValue             bool
		}
		err := r.Decode(&p)
		_, twice := out[p.ParameterKey]
		var kind *json.UnmarshalTypeError
		switch {
		case errors.As(err, &kind) && kind.Field != "":
			return nil, wrongAt(text, at, fmt.Sprintf("an entry whose %s is a %s", kind.Field, kind.Value))
		case errors.As(err, &kind):
			return nil, wrongAt(text, at, "an entry is a "+kind.Value)
		case err != nil:
			return nil, wrongAt(text, at, err.Error())
		case p.ParameterKey == "":
			return nil, wrongAt(text, at, "an entry without ParameterKey")
		case twice:
			return nil, wrongAt(text, at, p.ParameterKey+" is there twice")
		case !p.UsePreviousValue: // which is what becomes of a parameter that is not given
			out[p.ParameterKey] = p.ParameterValue
		}
	}
	return out, nil
}

func parameterText(value any) (string, error) {
	switch value := value.(type) {
	case string, json.Number, int64, float64, bool:
		return fmt.Sprint(value), nil
	case []any:
		parts := make([]string, len(value))
		for i, item := range value {
			if _, nested := item.([]any); nested {
				return "", fmt.Errorf("a list in a list is no parameter")
			}
			var err error
			if parts[i], err = parameterText(item); err != nil {
				return "", err
			}
		}
		return strings.Join(parts, ","), nil
	default:
		return "", fmt.Errorf("a parameter is a text, a number, or a list of those")
	}
}

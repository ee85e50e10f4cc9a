package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// Field is one named string of the output.
type Field struct{ Name, Value string }

// Append adds the fields to the file at path, in the form the file already has: an object gets
// members (replacing those of the same name), anything else gets lines. The file is made if missing.
func Append(path string, fields []Field) error {
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the output file: %w", err)
	}
	if trimmed := bytes.TrimLeft(data, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '{' {
		return mergeObject(path, data, fields)
	}
	return appendLines(path, data, fields)
}

func mergeObject(path string, data []byte, fields []Field) error {
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &members); err != nil {
		return fmt.Errorf("add to the output file: it begins as a JSON object but is not one: %w", err)
	}
	for _, field := range fields {
		value, err := encode(field.Value)
		if err != nil {
			return fmt.Errorf("add %s to the output file: %w", field.Name, err)
		}
		members[field.Name] = value
	}
	merged, err := encode(members)
	if err != nil {
		return fmt.Errorf("add to the output file: %w", err)
	}
	if err := os.WriteFile(path, append(merged, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the output file: %w", err)
	}
	return nil
}

func appendLines(path string, data []byte, fields []Field) (err error) {
	var text strings.Builder
	if len(data) > 0 && !bytes.HasSuffix(data, []byte("\n")) {
		text.WriteByte('\n')
	}
	for _, field := range fields {
		text.WriteString(lines(field))
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the output file: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.WriteString(text.String()); err != nil {
		return fmt.Errorf("write the output file: %w", err)
	}
	return nil
}

func lines(field Field) string {
	if !strings.ContainsAny(field.Value, "\r\n") {
		return field.Name + "=" + field.Value + "\n"
	}
	end := "END"
	for slices.Contains(strings.Split(strings.ReplaceAll(field.Value, "\r", ""), "\n"), end) {
		end += "_"
	}
	return field.Name + "<<" + end + "\n" + field.Value + "\n" + end + "\n"
}

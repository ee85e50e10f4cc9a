// Package preset keeps saved inputs: a JSON file each, in one folder.
package preset

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// Preset is a saved input. Its file is NAME.json.
type Preset struct {
	Name string `json:"-"`
	// Machine is the name of the machine that it was saved for.
	Machine string          `json:"machine"`
	Input   json.RawMessage `json:"input"`
}

// List is what a folder holds, in the order of names.
type List struct {
	Presets []Preset
	Broken  []Broken
}

// Broken is a preset that cannot be read. Reason names the file and the line.
type Broken struct {
	Name   string
	Reason safe.Text
}

const (
	suffix   = ".json"
	maxName  = 64
	maxBytes = 4 * workflow.MaxInput
)

// CheckName checks what becomes a file's name: at most 64 letters, digits, and
// the signs - _ and . inside.
func CheckName(name string) error {
	switch {
	case name == "":
		return errors.New("name: it is empty")
	case len(name) > maxName:
		return fmt.Errorf("name: %d characters are more than %d", len(name), maxName)
	case name[0] == '.' || name[0] == '-':
		return fmt.Errorf("name: it must not begin with %q", name[0])
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.", r) {
			return fmt.Errorf("name: %q is not allowed; use letters, digits, '-', '_' and '.'", r)
		}
	}
	return nil
}

// Read reads a folder; files that are no presets are among the broken ones. A folder that is not there has none.
func Read(folder string) (List, error) {
	var list List
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return list, nil
	}
	if err != nil {
		return list, fmt.Errorf("read the presets: %w", err)
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		if !ok || e.IsDir() || strings.HasPrefix(name, ".") {
			continue
		}
		p, err := readFile(filepath.Join(folder, e.Name()))
		if p.Name = name; err != nil {
			list.Broken = append(list.Broken, Broken{Name: name, Reason: safe.Line(err.Error())})
			continue
		}
		list.Presets = append(list.Presets, p)
	}
	return list, nil
}

// Find reads the preset of a name. One that is not there is ops.NotFound, and
// names those that are; one that cannot be read is ops.Usage.
func Find(folder, name string) (Preset, error) {
	if err := CheckName(name); err != nil {
		return Preset{}, &ops.Problem{Kind: ops.Usage, Title: safe.Linef("preset %s", name), Detail: safe.Line(err.Error()), Err: err}
	}
	p, err := readFile(Path(folder, name))
	p.Name = name
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return p, missing(folder, name, err)
	case err != nil:
		return p, &ops.Problem{
			Kind: ops.Usage, Title: safe.Linef("preset %s", name), Detail: safe.Line(err.Error()), Hint: safe.Line("correct the file"), Err: err,
		}
	}
	return p, nil
}

func missing(folder, name string, cause error) error {
	list, err := Read(folder)
	if err != nil {
		return err
	}
	hint := "ctrl+p in the form of a new run saves one"
	if len(list.Presets) > 0 {
		var names []string
		for _, p := range list.Presets {
			names = append(names, p.Name)
		}
		hint = "there are " + strings.Join(names, ", ")
	}
	return &ops.Problem{
		Kind: ops.NotFound, Title: safe.Linef("there is no preset %s", name), Detail: safe.Linef("in %s", folder), Hint: safe.Line(hint), Err: cause,
	}
}

// readFile reads one file; its error names the file, the line and the reason.
func readFile(path string) (Preset, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Preset{}, err
	}
	if info.Size() > maxBytes {
		return Preset{}, fmt.Errorf("%s: %s are more than the %s of a preset", path, safe.Bytes(info.Size()), safe.Bytes(maxBytes))
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return Preset{}, err
	}
	if f := workflow.FindFault(string(content)); f != nil {
		return Preset{}, fmt.Errorf("%s:%d:%d: %s", path, f.Line, f.Column, f.Reason)
	}
	var p Preset
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		line := 1 + bytes.Count(content[:dec.InputOffset()], []byte("\n"))
		return Preset{}, fmt.Errorf("%s:%d: %w; it has the fields machine and input", path, line, err)
	}
	if len(p.Input) == 0 {
		return Preset{}, fmt.Errorf("%s:1: the field input is missing", path)
	}
	return p, nil
}

// Write writes a preset in one piece, for the user alone. One of the same name
// is replaced.
func Write(folder string, p Preset) error {
	if err := CheckName(p.Name); err != nil {
		return err
	}
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("write the preset: %w", err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make the folder of the presets: %w", err)
	}
	file, err := os.CreateTemp(folder, ".preset-*")
	if err != nil {
		return fmt.Errorf("write the preset: %w", err)
	}
	_, err = file.Write(append(text, '\n'))
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), Path(folder, p.Name))
	}
	if err != nil {
		return fmt.Errorf("write the preset: %w", errors.Join(err, os.Remove(file.Name())))
	}
	return nil
}

// Remove deletes a preset.
func Remove(folder, name string) error {
	if err := os.Remove(Path(folder, name)); err != nil {
		return fmt.Errorf("delete the preset: %w", err)
	}
	return nil
}

// Path is where a preset is.
func Path(folder, name string) string { return filepath.Join(folder, name+suffix) }

// Prefer puts the presets of the machine first.
func (l *List) Prefer(machine string) {
	foreign := func(p Preset) int {
		if p.Machine == machine {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(l.Presets, func(a, b Preset) int { return foreign(a) - foreign(b) })
}

// Has reports whether the name is taken, also by a preset that cannot be read.
func (l *List) Has(name string) bool {
	return slices.ContainsFunc(l.Presets, func(p Preset) bool { return p.Name == name }) ||
		slices.ContainsFunc(l.Broken, func(b Broken) bool { return b.Name == name })
}

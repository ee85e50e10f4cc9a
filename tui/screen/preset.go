package screen

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

// preset is a saved input: a JSON file of the presets' folder, named by its name.
type preset struct {
	Name string `json:"-"`
	// Machine is the name of the machine that it was saved for.
	Machine string          `json:"machine"`
	Input   json.RawMessage `json:"input"`
}

// presetList are the presets of a folder, and those that cannot be read.
type presetList struct {
	presets []preset
	broken  []brokenPreset
}

type brokenPreset struct {
	name   string
	reason safe.Text // with file and line
}

const (
	presetSuffix   = ".json"
	maxPresetName  = 64
	maxPresetBytes = 4 * workflow.MaxInput
)

// checkPresetName checks what becomes a file's name.
func checkPresetName(name string) error {
	switch {
	case name == "":
		return errors.New("name: it is empty")
	case len(name) > maxPresetName:
		return fmt.Errorf("name: %d characters are more than %d", len(name), maxPresetName)
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

// readPresets reads a folder. A folder that is not there has none.
func readPresets(folder string) (presetList, error) {
	var list presetList
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return list, nil
	}
	if err != nil {
		return list, fmt.Errorf("read the presets: %w", err)
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), presetSuffix)
		if !ok || e.IsDir() || strings.HasPrefix(name, ".") {
			continue
		}
		p, err := readPreset(filepath.Join(folder, e.Name()))
		if p.Name = name; err != nil {
			list.broken = append(list.broken, brokenPreset{name: name, reason: safe.Line(err.Error())})
			continue
		}
		list.presets = append(list.presets, p)
	}
	return list, nil
}

// readPreset reads one file; its error names the file, the line and the reason.
func readPreset(path string) (preset, error) {
	info, err := os.Stat(path)
	if err != nil {
		return preset{}, err
	}
	if info.Size() > maxPresetBytes {
		return preset{}, fmt.Errorf("%s: %s are more than the %s of a preset", path, safe.Bytes(info.Size()), safe.Bytes(maxPresetBytes))
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return preset{}, err
	}
	if f := workflow.FindFault(string(content)); f != nil {
		return preset{}, fmt.Errorf("%s:%d:%d: %s", path, f.Line, f.Column, f.Reason)
	}
	var p preset
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		line := 1 + bytes.Count(content[:dec.InputOffset()], []byte("\n"))
		return preset{}, fmt.Errorf("%s:%d: %w; it has the fields machine and input", path, line, err)
	}
	if len(p.Input) == 0 {
		return preset{}, fmt.Errorf("%s:1: the field input is missing", path)
	}
	return p, nil
}

// writePreset writes a preset in one piece, for the user alone.
func writePreset(folder string, p preset) error {
	if err := checkPresetName(p.Name); err != nil {
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
		err = os.Rename(file.Name(), presetPath(folder, p.Name))
	}
	if err != nil {
		return fmt.Errorf("write the preset: %w", errors.Join(err, os.Remove(file.Name())))
	}
	return nil
}

func removePreset(folder, name string) error {
	if err := os.Remove(presetPath(folder, name)); err != nil {
		return fmt.Errorf("delete the preset: %w", err)
	}
	return nil
}

func presetPath(folder, name string) string { return filepath.Join(folder, name+presetSuffix) }

// fitting puts the presets of the machine first.
func (l *presetList) fitting(machine string) {
	foreign := func(p preset) int {
		if p.Machine == machine {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(l.presets, func(a, b preset) int { return foreign(a) - foreign(b) })
}

func (l *presetList) has(name string) bool {
	return slices.ContainsFunc(l.presets, func(p preset) bool { return p.Name == name }) ||
		slices.ContainsFunc(l.broken, func(b brokenPreset) bool { return b.name == name })
}

func noPresets() error {
	return &ops.Problem{Kind: ops.Usage, Title: safe.Line("there is no folder for presets"), Hint: safe.Line("set HOME or XDG_CONFIG_HOME and start again")}
}

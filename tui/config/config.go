// Package config reads the console's settings from their file.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/adrg/xdg"
	"github.com/pelletier/go-toml/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui"
)

// Config are the user's settings. The zero value is what holds without a file.
type Config struct {
	// Theme is auto, dark or light; empty is auto.
	Theme string `toml:"theme"`
	ASCII bool   `toml:"ascii"`
	// Color is auto, always or never; empty is auto.
	Color string `toml:"color"`
	Mouse bool   `toml:"mouse"`
	// Protected are the profiles where every change asks for a typed word.
	Protected []string `toml:"protected"`
	// Watched are the machines that come first, by name or ARN.
	Watched []string `toml:"watched"`
	// Presets is the folder of saved inputs; empty is "presets" next to the file.
	Presets string `toml:"presets"`
}

// Path is where the settings are: stepdeck/config.toml in XDG_CONFIG_HOME.
func Path() string { return filepath.Join(xdg.ConfigHome, "stepdeck", "config.toml") }

// Load reads the file at path. A file that is not there gives the zero Config;
// one that is wrong gives an ops.Problem that names the file and the line.
func Load(path string) (Config, error) {
	var c Config
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Config{}, problem(path, 0, err.Error(), "make it readable, or remove it", err)
	}
	decoder := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return Config{}, explain(path, err)
	}
	if err := c.check(path); err != nil {
		return Config{}, err
	}
	if c.Presets == "" {
		c.Presets = filepath.Join(filepath.Dir(path), "presets")
	}
	return c, nil
}

// Protects reports whether changes of the profile ask for a typed word.
func (c Config) Protects(profile string) bool { return slices.Contains(c.Protected, profile) }

func (c Config) check(path string) error {
	for _, s := range []struct {
		key, value string
		known      []string
	}{
		{"theme", c.Theme, []string{"auto", "dark", "light"}},
		{"color", c.Color, []string{"auto", "always", "never"}},
	} {
		if s.value != "" && !slices.Contains(s.known, s.value) {
			return problem(path, 0, fmt.Sprintf("%s is %q", s.key, s.value), "use "+strings.Join(s.known, ", "), nil)
		}
	}
	return nil
}

// explain names the line of what the decoder did not take, and for a key that
// is not known the nearest one.
func explain(path string, err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		first := unknown.Errors[0]
		line, _ := first.Position()
		key := strings.Join(first.Key(), ".")
		return problem(path, line, fmt.Sprintf("there is no setting %q", key), "the nearest is "+tui.Nearest(key, keys()), err)
	}
	var wrong *toml.DecodeError
	if errors.As(err, &wrong) {
		line, _ := wrong.Position()
		return problem(path, line, strings.TrimPrefix(wrong.Error(), "toml: "), "correct the line", err)
	}
	return problem(path, 0, err.Error(), "correct it, or remove it", err)
}

func problem(path string, line int, detail, hint string, err error) error {
	where := path
	if line > 0 {
		where = fmt.Sprintf("%s:%d", path, line)
	}
	return &ops.Problem{
		Kind: ops.Usage, Title: safe.Linef("settings %s", where), Detail: safe.Line(detail), Hint: safe.Line(hint), Err: err,
	}
}

func keys() []string {
	t := reflect.TypeFor[Config]()
	out := make([]string, 0, t.NumField())
	for i := range t.NumField() {
		out = append(out, t.Field(i).Tag.Get("toml"))
	}
	return out
}

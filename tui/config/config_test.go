package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/tui/config"
)

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad(t *testing.T) {
	path := file(t, `
theme = "light"
ascii = true
color = "never"
mouse = true
protected = ["prod"]
watched = ["dumps-run"]
presets = "/srv/presets"
`)
	got, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Theme: "light", ASCII: true, Color: "never", Mouse: true,
		Protected: []string{"prod"}, Watched: []string{"dumps-run"}, Presets: "/srv/presets",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !got.Protects("prod") || got.Protects("dev") {
		t.Error("prod alone is protected")
	}
}

func TestNoFileIsTheDefaults(t *testing.T) {
	folder := t.TempDir()
	got, err := config.Load(filepath.Join(folder, "config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config.Config{Presets: filepath.Join(folder, "presets")}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWrongFilesAreExplained(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"unknown key":   {"ascii = true\nthemes = \"dark\"\n", []string{"config.toml:2", `"themes"`, "nearest is theme"}},
		"unknown table": {"[window]\nmouse = true\n", []string{"config.toml:1", "window"}},
		"wrong type":    {"\nmouse = \"yes\"\n", []string{"config.toml:2", "bool"}},
		"bad syntax":    {"ascii = \n", []string{"config.toml:1"}},
		"unknown theme": {`theme = "blue"`, []string{`theme is "blue"`, "auto, dark, light"}},
		"unknown color": {`color = "some"`, []string{`color is "some"`, "auto, always, never"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load(file(t, c.text))
			if ops.KindOf(err) != ops.Usage {
				t.Fatalf("a usage problem was expected, not %v", err)
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q is not in: %s", part, err)
				}
			}
		})
	}
}

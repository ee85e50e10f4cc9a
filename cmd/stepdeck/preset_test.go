package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/adrg/xdg"
)

// settingsIn makes an empty folder of settings the user's own, and returns it.
func settingsIn(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	t.Cleanup(xdg.Reload) // once the variable is as it was
	t.Setenv("XDG_CONFIG_HOME", home)
	xdg.Reload()
	return filepath.Join(home, "stepdeck")
}

func savePreset(t *testing.T, name, content string) {
	t.Helper()
	folder := filepath.Join(settingsIn(t), "presets")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".json"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestStartWithAPresetPutsTheFlagsOverIt(t *testing.T) {
	w := newWorld(t)
	savePreset(t, "nightly", "{\n  \"machine\": \"dumps\",\n  \"input\": {\"args\": [\"mysql-dump\"], \"memory\": 512}\n}\n")
	exits0(t, w.run(t, "", "start", "--preset", "nightly", "--memory", "2048", "--name", "p1"))
	sentOnce(t, w, "StartExecution", map[string]any{
		"stateMachineArn": machineARN, "name": "p1", "input": `{"args":["mysql-dump"],"memory":2048}`,
	})
}

func TestAPresetThatCannotBeUsedSendsNothing(t *testing.T) {
	w := newWorld(t)
	savePreset(t, "broken", "{\n\"machine\" \"dumps\"}")
	for _, c := range []struct {
		name  string
		args  []string
		code  int
		words []string
	}{
		{"missing", []string{"--preset", "other"}, exitNotFound, []string{"there is no preset other", "ctrl+p"}},
		{"broken", []string{"--preset", "broken"}, exitUsage, []string{"broken.json:2:", "correct the file"}},
		{"no name", []string{"--preset", "../x"}, exitUsage, []string{"must not begin"}},
		{"two inputs", []string{"--preset", "broken", "--like", "bad"}, exitUsage, []string{"--like and --preset", "use one of them"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := w.run(t, "", append([]string{"start"}, c.args...)...)
			exitsWith(t, o, c.code)
			has(t, o.err, c.words...)
		})
	}
	if n := len(w.sent("StartExecution")); n != 0 {
		t.Errorf("%d starts were sent", n)
	}
}

package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestASecretIsReadFromAFile(t *testing.T) {
	for text, want := range map[string]string{
		"correct horse\n": "correct horse", "correct horse\r\n": "correct horse", "two\nlines": "two\nlines", "": "",
	} {
		path := filepath.Join(t.TempDir(), "value")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		value, err := (&app{in: file}).readValue(t.Context())
		if err != nil || value.Reveal() != want {
			t.Errorf("%q gives %q, %v; want %q", text, value.Reveal(), err, want)
		}
	}
}

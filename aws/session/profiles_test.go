package session_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stepdeck/stepdeck/aws/session"
)

func TestProfilesComeFromBothFiles(t *testing.T) {
	dir := t.TempDir()
	for variable, text := range map[string]string{
		"AWS_CONFIG_FILE":             "[default]\nregion = eu-west-1\n\n[profile prod]\n[ profile  spaced ]\n[sso-session corp]\n[broken\n",
		"AWS_SHARED_CREDENTIALS_FILE": "[prod]\naws_access_key_id = x\n[old]\n",
	} {
		path := filepath.Join(dir, variable)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv(variable, path)
	}
	got, err := session.Profiles()
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"default", "old", "prod", "spaced"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWithoutFilesThereAreNoProfiles(t *testing.T) {
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
	if got, err := session.Profiles(); err != nil || len(got) != 0 {
		t.Errorf("got %q, %v", got, err)
	}
}

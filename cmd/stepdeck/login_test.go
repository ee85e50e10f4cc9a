//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"
)

// A login opens a browser, which may live on and keep the output that it was given.
func TestALoginEndsThoughItsBrowserGoesOn(t *testing.T) {
	for script, want := range map[string]string{
		"sleep 60 &\necho \"open the page for $4\"\n": "open the page for prod\nthe session has been renewed\n",
		"echo no such profile\nexit 255\n":            "no such profile\nthe login failed: exit status 255\n",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "aws"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
		lines, err := ssoLogin(t.Context(), "prod")
		if err != nil {
			t.Fatal(err)
		}
		told := ""
		for l := range lines {
			told += l.String() + "\n"
		}
		is(t, told, want)
	}
}

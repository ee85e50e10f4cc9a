//go:build linux

package main

import (
	"strings"
	"testing"
)

func TestASecretIsTypedUnseen(t *testing.T) {
	t.Parallel()
	const hidden = "hunter2"
	p := onTerminal(t, t.TempDir(), 100, 30, nil, "--local", "stack", "secret", "set", "password")
	p.See("Value of /dumps/db/password (not shown):")
	p.Type(hidden + "\r")
	p.See("Once more:")
	p.Type(hidden + "\r")
	p.See("/dumps/db/password is set (version 2)")
	if code, drawn := p.Exit(); code != exitDone || strings.Contains(drawn, hidden) {
		t.Errorf("exit code %d after %q", code, drawn)
	}
}

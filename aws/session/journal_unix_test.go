//go:build unix

package session_test

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stepdeck/stepdeck/aws/session"
)

func TestAChangeThatIsMadeAndCannotBeRecordedIsNoFailure(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, answering(t, 200, `{}`).URL, func(o *session.Options) { o.Journal = session.OpenJournal(path) })
	// The journal opens, and by the time of the entry nobody reads what is written to it.
	if err := s.Change(t.Context(), "ECR", "PutImage", "dumps", func(context.Context) error { return reader.Close() }); err != nil {
		t.Errorf("the change is told as %v", err)
	}
}

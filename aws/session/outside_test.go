package session_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/session"
)

func TestAChangeOutsideOfTheSDKIsJournalled(t *testing.T) {
	broken := errors.New("the line was cut")
	for _, result := range []error{nil, broken} {
		s := open(t, answering(t, 200, `{}`).URL, nil)
		err := s.Change(t.Context(), "ECR", "PutImage", "dumps", func(context.Context) error { return result })
		if !errors.Is(err, result) {
			t.Errorf("got %v, want %v", err, result)
		}
		want := "ok"
		if result != nil {
			want = result.Error()
		}
		if got := last(t, s); got.Service != "ECR" || got.Operation != "PutImage" || got.Target != "dumps" || got.Result != want {
			t.Errorf("the journal has %+v, want the result %q", got, want)
		}
	}
}

func TestAChangeOutsideOfTheSDKIsHeldBackAsOthersAre(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*session.Options)
		kind   ops.Kind
		words  []string
	}{
		"read-only": {func(o *session.Options) { o.ReadOnly = true }, ops.Denied, []string{"PutImage of dumps was not sent", "read-only"}},
		"no journal": {
			func(o *session.Options) { o.Journal = session.OpenJournal(filepath.Join(file, "audit.jsonl")) },
			ops.Failed,
			[]string{"PutImage of dumps was not sent", "audit journal"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, answering(t, 200, `{}`).URL, c.change)
			done := false
			err := s.Change(t.Context(), "ECR", "PutImage", "dumps", func(context.Context) error {
				done = true
				return nil
			})
			want(t, err, c.kind, c.words...)
			if done {
				t.Error("it was done")
			}
		})
	}
}

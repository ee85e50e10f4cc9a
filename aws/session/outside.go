package session

import (
	"context"
	"fmt"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// Change does work that changes target outside of the SDK's calls, such as a push to a registry:
// not in a read-only session, and with an entry in the journal. Service is the SDK's service ID;
// operation, the API's name for what the work does.
func (s *Session) Change(ctx context.Context, service, operation, target string, work func(context.Context) error) error {
	f := failure{service: service, operation: operation, target: target, session: s}
	if s.ReadOnly() {
		f.err = errReadOnly
		return f.problem()
	}
	journal, err := s.Journal().open()
	if err != nil {
		f.err = &journalError{err}
		return f.problem()
	}
	defer func() { _ = journal.Close() }()
	entry := Entry{
		Time: time.Now().UTC(), Who: s.who(ctx), Profile: s.Profile(), Region: s.Region(), Endpoint: s.Endpoint(),
		Reason: s.options.Reason, Service: service, Operation: operation, Target: target, Result: "ok",
	}
	err = work(ctx)
	if err != nil {
		entry.Result = err.Error()
	}
	if werr := s.Journal().write(journal, entry); werr != nil && err == nil {
		return &ops.Problem{
			Kind: ops.Failed, Title: safe.Linef("%s was done and could not be recorded", f.what()),
			Hint: safe.Line("make the journal's file writable"), Err: fmt.Errorf("journal: %w", werr),
		}
	}
	return err
}

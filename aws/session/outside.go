package session

import "context"

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
	entry := s.entry(ctx, service, operation, target)
	err = work(ctx)
	if err != nil {
		entry.Result = err.Error()
	}
	s.record(journal, entry)
	return err
}

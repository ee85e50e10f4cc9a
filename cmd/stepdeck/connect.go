package main

import (
	"context"
	"log/slog"
	"path/filepath"

	"github.com/stepdeck/stepdeck/aws/client"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/session"
)

// connect opens the session that the flags ask for. It sends nothing to AWS.
func (a *app) connect(ctx context.Context) (*session.Session, ops.Ports, error) {
	options, err := a.sessionOptions(ctx)
	if err != nil {
		return nil, ops.Ports{}, err
	}
	s, err := session.Open(ctx, options)
	if err != nil {
		return nil, ops.Ports{}, err
	}
	return s, portsOn(s, a.state, options.Log), nil
}

// portsOn are the session's ports. Stopped tasks that were seen are kept in the state directory,
// because ECS forgets them.
func portsOn(s *session.Session, state string, log *slog.Logger) ops.Ports {
	ports := client.New(s)
	ports.Tasks = ops.RememberTasks(ports.Tasks, filepath.Join(state, "tasks"), func(err error) {
		log.Warn("evidence", "error", err)
	})
	return ports
}

// sessionOptions are those that the flags ask for, with local AWS found or started.
func (a *app) sessionOptions(ctx context.Context) (session.Options, error) {
	log, file, err := session.OpenLog(filepath.Join(a.state, "stepdeck.log"), slog.LevelInfo)
	if err != nil {
		return session.Options{}, err
	}
	a.cleanup = append(a.cleanup, func() { _ = file.Close() })
	options := session.Options{
		Profile: a.flags.profile, Region: a.flags.region, Endpoint: a.flags.endpoint, Role: a.flags.role,
		Local: a.flags.local, ReadOnly: a.flags.readOnly, Reason: a.flags.reason, Log: log,
		Journal: session.OpenJournal(filepath.Join(a.state, "audit.jsonl")),
	}
	if a.flags.local {
		if options.Endpoint, err = a.localEndpoint(ctx); err != nil {
			return session.Options{}, err
		}
	}
	return options, nil
}

// localEndpoint returns where local AWS answers: the one that runs, or one started for this command.
func (a *app) localEndpoint(ctx context.Context) (string, error) {
	if url, ok := runningLocal(ctx, a.state); ok {
		return url, nil
	}
	url, stop, err := a.startLocal(ctx)
	if err != nil {
		return "", &ops.Problem{
			Kind: ops.Unreachable, Title: safe.Line("local AWS could not be started"), Detail: safe.Line(err.Error()),
			Hint: safe.Line("start it in another terminal to see more: stepdeck local"), Err: err,
		}
	}
	a.cleanup = append(a.cleanup, stop)
	return url, nil
}

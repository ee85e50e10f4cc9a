// Package session is the way to AWS: whose credentials, which region and endpoint, and what
// every call passes on its way out (read-only guard, pacing, deadline, audit, metering) and
// on its way back (errors in words, with the next step).
package session

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"

	"github.com/stepdeck/stepdeck/aws/transport"
)

// Options choose the account and how carefully it is treated. The zero value is the
// environment's default profile with changes allowed.
type Options struct {
	Profile  string
	Region   string
	Endpoint string
	// Role is the ARN of a role to assume on top of the profile's credentials.
	Role string
	// Local uses the fixed credentials of local AWS at Endpoint and nothing of the user's profile.
	Local bool
	// ReadOnly refuses, before it is sent, every call that is not known to change nothing.
	ReadOnly bool
	// Reason goes into the journal with each change.
	Reason string
	// Journal records every change.
	Journal *Journal
	// Log receives one debug line a request; nil drops them.
	Log *slog.Logger
}

// Session is one account and region to talk to. It is safe for concurrent use.
type Session struct {
	options Options
	config  aws.Config
	meter   *Meter

	// asking is held by the one who asks STS; it is a channel so that a caller can stop waiting.
	asking   chan struct{}
	identity *Identity
}

// Identity is who AWS says the caller is.
type Identity struct {
	Account string `json:"account"`
	ARN     string `json:"arn"`
}

// Open reads the configuration. It sends nothing: bad credentials show with the first call.
func Open(ctx context.Context, o Options) (*Session, error) {
	if o.Profile == "" && !o.Local {
		o.Profile = os.Getenv("AWS_PROFILE")
	}
	cfg, err := loadConfig(ctx, o)
	if err != nil {
		return nil, explainConfig(err)
	}
	if cfg.Region == "" {
		return nil, noRegion(o)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = awshttp.NewBuildableClient()
	}
	cfg.HTTPClient = transport.Exact(cfg.HTTPClient)
	s := &Session{options: o, config: cfg, meter: &Meter{}, asking: make(chan struct{}, 1)}
	through := &passage{session: s, pacer: newPacer(cfg.Region), log: o.Log}
	// Added last, so that the clients which fetch credentials are not guarded or journalled.
	s.config.APIOptions = append(append([]func(*middleware.Stack) error{}, cfg.APIOptions...), through.install)
	return s, nil
}

// Config is for making service clients; everything they send goes through the session.
func (s *Session) Config() aws.Config { return s.config.Copy() }

// Profile is the profile that was asked for, also by AWS_PROFILE; empty for the default one.
func (s *Session) Profile() string { return s.options.Profile }

// Region is the region in use.
func (s *Session) Region() string { return s.config.Region }

// Endpoint is the endpoint override, or empty for AWS's own endpoints.
func (s *Session) Endpoint() string { return aws.ToString(s.config.BaseEndpoint) }

// ReadOnly tells whether changes are refused.
func (s *Session) ReadOnly() bool { return s.options.ReadOnly }

// Meter counts what the session sends.
func (s *Session) Meter() *Meter { return s.meter }

// Journal is where changes are recorded.
func (s *Session) Journal() *Journal { return s.options.Journal }

// Identity asks STS who the caller is, once; a failure is not remembered.
func (s *Session) Identity(ctx context.Context) (Identity, error) {
	select {
	case s.asking <- struct{}{}:
		defer func() { <-s.asking }()
	case <-ctx.Done():
		return Identity{}, fmt.Errorf("identity: %w", ctx.Err())
	}
	if s.identity != nil {
		return *s.identity, nil
	}
	out, err := sts.NewFromConfig(s.Config()).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Identity{}, fmt.Errorf("identity: %w", err)
	}
	s.identity = &Identity{Account: aws.ToString(out.Account), ARN: aws.ToString(out.Arn)}
	return *s.identity, nil
}

// entry is that of a change by this session that goes well.
func (s *Session) entry(ctx context.Context, service, operation, target string) Entry {
	return Entry{
		Time: time.Now().UTC(), Who: s.who(ctx), Profile: s.Profile(), Region: s.Region(), Endpoint: s.Endpoint(),
		Reason: s.options.Reason, Service: service, Operation: operation, Target: target, Result: "ok",
	}
}

// record writes the entry of a change that was made, which a failure to write does not unmake: the
// caller must not take it for its own.
func (s *Session) record(journal *os.File, entry Entry) {
	if err := s.Journal().write(journal, entry); err != nil {
		s.options.Log.Error("change not journalled", "operation", entry.Operation, "target", entry.Target, "error", err)
	}
}

// who names the caller for the journal, by the local user if AWS does not say.
func (s *Session) who(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, whoDeadline)
	defer cancel()
	if id, err := s.Identity(ctx); err == nil {
		return id.ARN
	}
	if u, err := user.Current(); err == nil {
		return "local user " + u.Username
	}
	return "unknown"
}

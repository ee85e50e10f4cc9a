// Package identity is STS of local AWS: it tells who calls and gives
// credentials, which nothing checks.
package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// Options are what a Service works with. All are needed.
type Options struct {
	Clock   clock.Clock
	Account string
}

// Service remembers the roles that were assumed for as long as their
// credentials are good.
type Service struct {
	opts Options

	mu       sync.Mutex
	sessions map[string]session // by access key
}

// session is a role that was assumed.
type session struct {
	user
	end time.Time
}

// user is a caller as STS tells it.
type user struct {
	ARN string `xml:"Arn"`
	ID  string `xml:"UserId"`
}

// New is a Service. The caller closes it.
func New(opts Options) (*Service, error) {
	if opts.Clock == nil || opts.Account == "" {
		return nil, errors.New("identity: clock and account must be given")
	}
	return &Service{opts: opts, sessions: map[string]session{}}, nil
}

// Close has nothing to end: no goroutine outlives a call.
func (s *Service) Close() error { return nil }

// API is the service for the router.
func (s *Service) API() wire.QueryService {
	return wire.QueryService{
		Name: "sts", Version: "2011-06-15", Namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
		Operations: map[string]func(context.Context, url.Values) (any, error){
			"GetCallerIdentity": s.getCallerIdentity,
			"AssumeRole":        s.assumeRole,
		},
	}
}

type callerIdentity struct {
	Account string
	user
}

func (s *Service) getCallerIdentity(ctx context.Context, _ url.Values) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	caller := s.user("local", "operator")
	if assumed := s.sessions[wire.CallFrom(ctx).AccessKey]; assumed.end.After(s.opts.Clock.Now()) {
		caller = assumed.user
	}
	return callerIdentity{Account: s.opts.Account, user: caller}, nil
}

func (s *Service) user(role, name string) user {
	return user{ARN: "arn:aws:sts::" + s.opts.Account + ":assumed-role/" + role + "/" + name, ID: "AROALOCALSTEPDECK:" + name}
}

// The limits of AssumeRole.
const (
	shortestSeconds, usualSeconds, longestSeconds = 900, 3600, 43_200

	minARN, maxARN         = 20, 2048
	minSession, maxSession = 2, 64
)

// The lengths of the credentials that AWS gives.
const keyLength, secretLength = 20, 40

var (
	sessionPattern = regexp.MustCompile(`[\w+=,.@-]*`)
	rolePattern    = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/.+$`)
)

type assumedRole struct {
	User struct {
		ARN string `xml:"Arn"`
		ID  string `xml:"AssumedRoleId"`
	} `xml:"AssumedRoleUser"`
	Credentials struct {
		AccessKeyID     string `xml:"AccessKeyId"`
		SecretAccessKey string
		SessionToken    string
		Expiration      string
	}
}

func (s *Service) assumeRole(_ context.Context, form url.Values) (any, error) {
	arn, name := form.Get("RoleArn"), form.Get("RoleSessionName")
	seconds, err := checkAssume(arn, name, form.Get("DurationSeconds"))
	if err != nil {
		return nil, err
	}
	_, role, _ := strings.Cut(arn, ":role/")
	role = role[strings.LastIndex(role, "/")+1:]
	who, now := s.user(role, name), s.opts.Clock.Now()
	end := now.Add(time.Duration(seconds) * time.Second)

	var out assumedRole
	out.User.ARN, out.User.ID = who.ARN, who.ID
	out.Credentials.AccessKeyID = ("ASIA" + rand.Text())[:keyLength]
	out.Credentials.SecretAccessKey = (rand.Text() + rand.Text())[:secretLength]
	out.Credentials.SessionToken = rand.Text()
	out.Credentials.Expiration = end.UTC().Format(time.RFC3339)
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.sessions, func(_ string, old session) bool { return !old.end.After(now) })
	s.sessions[out.Credentials.AccessKeyID] = session{who, end}
	return out, nil
}

// checkAssume gives for how many seconds a role is to be assumed.
func checkAssume(arn, name, duration string) (seconds int64, err error) {
	seconds = usualSeconds
	if duration != "" {
		if seconds, err = strconv.ParseInt(duration, 10, 64); err != nil {
			return 0, wire.Errorf("MalformedInput", "DurationSeconds '%s' is not a whole number", duration)
		}
	}
	var v wire.Violations
	v.Length("roleArn", arn, minARN, maxARN)
	v.Length("roleSessionName", name, minSession, maxSession)
	if name != "" {
		v.Pattern("roleSessionName", name, sessionPattern)
	}
	v.Range("durationSeconds", seconds, shortestSeconds, longestSeconds)
	if err := v.ErrAs("ValidationError"); err != nil {
		return 0, err
	}
	if !rolePattern.MatchString(arn) {
		return 0, wire.Errorf("ValidationError", "%s is invalid", arn)
	}
	return seconds, nil
}

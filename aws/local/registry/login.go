package registry

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// The one user of every registry, and how long a password is good.
const (
	loginUser = "AWS"
	loginLife = 12 * time.Hour
)

type authorization struct {
	Token    string       `json:"authorizationToken"`
	Expires  wire.Seconds `json:"expiresAt"`
	Endpoint string       `json:"proxyEndpoint"`
}

type authorizationOutput struct {
	Data []authorization `json:"authorizationData"`
}

func (s *Service) getAuthorizationToken(context.Context, *struct{}) (*authorizationOutput, error) {
	password, end := s.newLogin()
	token := base64.StdEncoding.EncodeToString([]byte(loginUser + ":" + password))
	return &authorizationOutput{[]authorization{{token, wire.Seconds(end), s.opts.Endpoint}}}, nil
}

// Login gives a user and a password for Handler, for those inside local AWS who pull.
func (s *Service) Login() (user, password string) {
	password, _ = s.newLogin()
	return loginUser, password
}

// newLogin makes a password and forgets those whose end was long ago.
func (s *Service) newLogin() (password string, end time.Time) {
	now := s.opts.Clock.Now()
	password, end = rand.Text(), now.Add(loginLife)
	s.mu.Lock()
	defer s.mu.Unlock()
	for old, over := range s.logins {
		if over.Add(loginLife).Before(now) {
			delete(s.logins, old)
		}
	}
	s.logins[password] = end
	return password, end
}

// How a request's login stands.
type loginState int

const (
	loginNone loginState = iota
	loginOver
	loginGood
)

func (s *Service) login(req *http.Request) loginState {
	user, password, ok := req.BasicAuth()
	s.mu.Lock()
	defer s.mu.Unlock()
	end, known := s.logins[password]
	switch {
	case !ok || user != loginUser || !known:
		return loginNone
	case !end.After(s.opts.Clock.Now()):
		return loginOver
	default:
		return loginGood
	}
}

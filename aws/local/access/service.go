// Package access is the IAM of local AWS: roles and their policies, which are
// kept and told but keep nobody from anything.
package access

import (
	"errors"
	"fmt"
	"sync"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// roleBucket keeps the roles.
const roleBucket = "iam/roles"

// Options are what a Service works with. All are needed.
type Options struct {
	Store *store.Store
	Clock clock.Clock
	// Account stands in ARNs.
	Account string
}

// Service is IAM. Its methods may be called from several goroutines.
type Service struct {
	opts Options

	mu    sync.Mutex
	roles map[string]*record // by name
}

// New loads the roles. The caller closes the Service.
func New(opts Options) (*Service, error) {
	if opts.Store == nil || opts.Clock == nil || opts.Account == "" {
		return nil, errors.New("access: store, clock and account must be given")
	}
	s := &Service{opts: opts, roles: map[string]*record{}}
	err := store.Load(opts.Store, roleBucket, "", func(name string, r *record) error {
		s.roles[name] = r
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load roles: %w", err)
	}
	return s, nil
}

// Close has nothing to end: no goroutine outlives a call.
func (s *Service) Close() error { return nil }

// API is the service for the router.
func (s *Service) API() wire.QueryService {
	return wire.QueryService{
		Name: "iam", Version: "2010-05-08", Namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
		Operations: wire.Forms(s.Inside()),
	}
}

// Inside is what stack resources call, in JSON by the names of the Query API.
func (s *Service) Inside() map[string]wire.Handler {
	return map[string]wire.Handler{
		"CreateRole":               wire.Op(s.createRole),
		"GetRole":                  wire.Op(s.getRole),
		"UpdateRole":               wire.Op(s.updateRole),
		"UpdateAssumeRolePolicy":   wire.Op(s.updateTrust),
		"DeleteRole":               wire.Op(s.deleteRole),
		"TagRole":                  wire.Op(s.tagRole),
		"UntagRole":                wire.Op(s.untagRole),
		"ListRoleTags":             wire.Op(s.listRoleTags),
		"PutRolePolicy":            wire.Op(s.putPolicy),
		"GetRolePolicy":            wire.Op(s.getPolicy),
		"ListRolePolicies":         wire.Op(s.listPolicies),
		"DeleteRolePolicy":         wire.Op(s.deletePolicy),
		"AttachRolePolicy":         wire.Op(s.attach),
		"DetachRolePolicy":         wire.Op(s.detach),
		"ListAttachedRolePolicies": wire.Op(s.listAttached),
	}
}

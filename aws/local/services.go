package local

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/stepdeck/stepdeck/aws/local/access"
	"github.com/stepdeck/stepdeck/aws/local/events"
	"github.com/stepdeck/stepdeck/aws/local/faults"
	"github.com/stepdeck/stepdeck/aws/local/identity"
	"github.com/stepdeck/stepdeck/aws/local/logs"
	"github.com/stepdeck/stepdeck/aws/local/network"
	"github.com/stepdeck/stepdeck/aws/local/objects"
	"github.com/stepdeck/stepdeck/aws/local/params"
	"github.com/stepdeck/stepdeck/aws/local/registry"
	"github.com/stepdeck/stepdeck/aws/local/stacks"
	"github.com/stepdeck/stepdeck/aws/local/stacks/resources"
	"github.com/stepdeck/stepdeck/aws/local/stacks/sam"
	"github.com/stepdeck/stepdeck/aws/local/states"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// open makes the services in the order of who needs whom; the router knows
// them all before the first request.
func (s *Server) open(ctx context.Context) error {
	var err error
	if err := own(s.opts.Dir); err != nil {
		return err
	}
	if s.store, err = store.Open(s.opts.Dir); err != nil {
		return err
	}
	s.faults = faults.New(s.opts.Clock, s.opts.Seed)
	s.router = &wire.Router{Region: s.opts.Region, Before: s.faults.Before, Log: s.opts.Log}
	for _, step := range []struct {
		service string
		open    func() error
	}{
		{"S3", s.openObjects},
		{"CloudWatch Logs", s.openLogs},
		{"SSM, STS, IAM and EC2", s.openBasics},
		{"ECR", s.openRegistry},
		{"EventBridge", s.openEvents},
		{"ECS", func() error { return s.openECS(ctx) }},
		{"Step Functions", s.openStates},
		{"CloudFormation", s.openStacks},
	} {
		if err := step.open(); err != nil {
			return fmt.Errorf("open %s: %w", step.service, err)
		}
	}
	s.router.Admin = s.admin()
	return nil
}

func (s *Server) openObjects() (err error) {
	s.objects, err = objects.New(objects.Options{
		Dir: filepath.Join(s.opts.Dir, "objects"), Region: s.opts.Region, Clock: s.opts.Clock,
		Before: s.faults.Before, Log: s.opts.Log,
	})
	if err == nil {
		s.router.Objects = s.objects.Handler()
		s.router.RegisterInside("s3", s.objects.Inside())
	}
	return err
}

func (s *Server) openLogs() (err error) {
	s.logs, err = logs.New(logs.Options{Store: s.store, Clock: s.opts.Clock, Region: s.opts.Region, Account: Account})
	if err == nil {
		s.router.Register(s.logs.API())
	}
	return err
}

// openBasics opens the services that start nothing by themselves.
func (s *Server) openBasics() error {
	parameters, err := params.New(params.Options{Store: s.store, Clock: s.opts.Clock, Region: s.opts.Region, Account: Account})
	if err != nil {
		return err
	}
	callers, err := identity.New(identity.Options{Clock: s.opts.Clock, Account: Account})
	if err != nil {
		return err
	}
	roles, err := access.New(access.Options{Store: s.store, Clock: s.opts.Clock, Account: Account})
	if err != nil {
		return err
	}
	subnets, err := network.New(network.Options{Store: s.store, Account: Account, Region: s.opts.Region})
	if err != nil {
		return err
	}
	s.router.Register(parameters.API())
	s.router.RegisterQuery(callers.API())
	s.router.RegisterQuery(roles.API())
	s.router.RegisterInside("iam", roles.Inside())
	s.router.RegisterQuery(subnets.API())
	s.router.RegisterInside("ec2", subnets.Inside())
	return nil
}

func (s *Server) openRegistry() (err error) {
	s.registry, err = registry.New(registry.Options{
		Store: s.store, Dir: filepath.Join(s.opts.Dir, "images"), Clock: s.opts.Clock,
		Account: Account, Region: s.opts.Region, Endpoint: s.url, Before: s.faults.Before,
	})
	if err == nil {
		s.router.Register(s.registry.API())
		s.router.Registry = s.registry.Handler()
	}
	return err
}

func (s *Server) openEvents() (err error) {
	s.events, err = events.New(events.Options{
		Store: s.store, Clock: s.opts.Clock, Account: Account, Region: s.opts.Region, Invoke: s.router.Invoke, Log: s.opts.Log,
	})
	if err == nil {
		s.router.Register(s.events.API())
	}
	return err
}

func (s *Server) openStates() (err error) {
	s.states, err = states.New(states.Options{
		Store: s.store, Clock: s.opts.Clock, Region: s.opts.Region, Account: Account, Log: s.opts.Log,
		Invoke: s.router.Invoke, TaskStopped: s.ecs.Stopped,
	})
	if err == nil {
		s.router.Register(s.states.API())
	}
	return err
}

func (s *Server) openStacks() (err error) {
	s.stacks, err = stacks.New(stacks.Options{
		Store: s.store, Clock: s.opts.Clock, Region: s.opts.Region, Account: Account, Invoke: s.router.Invoke,
		Kinds: resources.Known(), Expand: sam.Expand, ReadObject: s.readObject,
	})
	if err == nil {
		s.router.RegisterQuery(s.stacks.API())
	}
	return err
}

// readObject reads a template that was uploaded.
func (s *Server) readObject(ctx context.Context, bucket, key string) ([]byte, error) {
	var object struct{ Body []byte }
	err := s.Invoke(ctx, "s3", "GetObject", map[string]any{"Bucket": bucket, "Key": key}, &object)
	return object.Body, err
}

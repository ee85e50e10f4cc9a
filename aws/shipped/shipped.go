// Package shipped brings the stack that comes with stepdeck up in the account
// of local AWS, with what deploys it to AWS.
package shipped

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/stepdeck/stepdeck/aws/client"
	"github.com/stepdeck/stepdeck/aws/local/network"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/session"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/infra"
)

// login is the database user, and its password, that a new account of local
// AWS starts with.
const login = "local_only"

// Source is the template that comes with stepdeck.
func Source() (stack.Source, error) {
	body, err := infra.Template()
	return stack.Source{Name: infra.TemplateName, Body: body, Read: infra.File}, err
}

// Up makes the stack, or brings it up to date and leaves its parameters as they
// are. b makes the image of a stack that has none; show may be nil.
func Up(ctx context.Context, s *session.Session, b stack.ImageBuilder, show func(stack.Progress)) (stack.State, error) {
	source, err := Source()
	if err != nil {
		return stack.State{}, err
	}
	service := stack.New(client.Stack(s))
	request := stack.Request{Stack: stack.DefaultName, Source: source}
	state, err := service.Status(ctx, request.Stack)
	if err != nil && ops.KindOf(err) != ops.NotFound {
		return stack.State{}, err
	}
	if err != nil || state.Way != nil {
		// There is no stack, or one whose first deployment an earlier start did not finish.
		if err := setSecrets(ctx, service); err != nil {
			return stack.State{}, err
		}
		request.Parameters = map[string]string{
			"VpcId": network.VPC, "SubnetIds": strings.Join([]string{network.PrivateSubnet, network.SecondPrivateSubnet}, ","),
		}
		request.Adopt = true
	}
	state, err = bring(ctx, service, request, b, show)
	if stuck := new(stack.Stuck); errors.As(err, &stuck) {
		if err := service.Recover(ctx, stuck, show); err != nil {
			return stack.State{}, fmt.Errorf("recover the stack: %w", err)
		}
		state, err = bring(ctx, service, request, b, show)
	}
	return state, err
}

func bring(ctx context.Context, s *stack.Service, r stack.Request, b stack.ImageBuilder, show func(stack.Progress)) (stack.State, error) {
	return s.Bring(ctx, r, b, stack.Visitor{
		Confirm: func(context.Context, *stack.Plan, bool) error { return nil },
		Show:    show,
	})
}

// setSecrets gives the account the secrets that the stack's task definition reads.
func setSecrets(ctx context.Context, s *stack.Service) error {
	for _, name := range []string{infra.UserSecret(stack.DefaultName), infra.PasswordSecret(stack.DefaultName)} {
		if _, err := s.SetSecret(ctx, stack.SecretRequest{Name: name, Value: stack.NewValue(login)}); err != nil {
			return fmt.Errorf("set the secret %s: %w", name, err)
		}
	}
	return nil
}

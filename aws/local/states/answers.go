package states

import (
	"context"
	"errors"

	"github.com/stepdeck/stepdeck/aws/local/jsonv"
	"github.com/stepdeck/stepdeck/aws/local/states/engine"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

type tokenInput struct {
	Token  *string `json:"taskToken"`
	Output *string `json:"output"`
	Error  *string `json:"error"`
	Cause  *string `json:"cause"`
}

func (in *tokenInput) check(v *wire.Violations) error {
	v.Required("taskToken", in.Token != nil)
	checkOptional(v, "taskToken", in.Token, 1, longestToken)
	return v.Err()
}

func (s *Service) sendTaskSuccess(_ context.Context, in *tokenInput) (*empty, error) {
	var v wire.Violations
	v.Required("output", in.Output != nil)
	if err := in.check(&v); err != nil {
		return nil, err
	}
	if err := tooLong("output", in.Output, longestData); err != nil {
		return nil, err
	}
	if _, err := jsonv.Parse(*in.Output); err != nil {
		return nil, wire.Errorf("InvalidOutput", "Invalid Output: '%s'", err)
	}
	return answered(s.engine.Answer(*in.Token, engine.Answer{Succeeded: true, Output: *in.Output}))
}

func (s *Service) sendTaskFailure(_ context.Context, in *tokenInput) (*empty, error) {
	var v wire.Violations
	if err := in.check(&v); err != nil {
		return nil, err
	}
	if err := tooLong("error", in.Error, longestError); err != nil {
		return nil, err
	}
	if err := tooLong("cause", in.Cause, longestCause); err != nil {
		return nil, err
	}
	return answered(s.engine.Answer(*in.Token, engine.Answer{Error: in.Error, Cause: in.Cause}))
}

func (s *Service) sendTaskHeartbeat(_ context.Context, in *tokenInput) (*empty, error) {
	var v wire.Violations
	if err := in.check(&v); err != nil {
		return nil, err
	}
	return answered(s.engine.Heartbeat(*in.Token))
}

func answered(err error) (*empty, error) {
	switch {
	case errors.Is(err, engine.ErrInvalidToken):
		return nil, invalidToken()
	case errors.Is(err, engine.ErrTaskClosed):
		return nil, wire.Errorf("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
	case err != nil:
		return nil, err
	}
	return &empty{}, nil
}

package ops

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// Resolution is the way to answer a token by hand.
type Resolution string

// The resolutions.
const (
	Fail      Resolution = "fail"
	Succeed   Resolution = "succeed"
	Heartbeat Resolution = "heartbeat"
)

// ResolveRequest says which token to answer, and how.
type ResolveRequest struct {
	RunARN string
	State  string // needed when the run has several open tokens
	As     Resolution
	Error  string // Fail: empty takes the true reason from ECS
	Cause  string // Fail: empty takes the true reason from ECS
	Output string // Succeed: JSON; empty: {}
	Why    string // stamped into cause or output with who did it
	// StopTask also stops the task, which would otherwise work on for nothing.
	StopTask bool
	// WhileAlive answers even though the task still works.
	WhileAlive bool
}

// ResolveResult is exactly what was sent.
type ResolveResult struct {
	Token    OpenToken
	Error    string
	Cause    string
	Output   string
	TaskStop *TaskStop // nil unless a task was to be stopped
}

// ResolveToken answers an open token of a running run. A live task is refused
// with a Problem of kind Conflict, unless StopTask or WhileAlive says otherwise
// or only a heartbeat is sent.
func (s *Service) ResolveToken(ctx context.Context, req ResolveRequest) (ResolveResult, error) {
	ctx = WithTarget(ctx, req.RunARN)
	t, err := s.pickToken(ctx, req)
	if err != nil {
		return ResolveResult{}, err
	}
	res := ResolveResult{Token: t}
	if t.Verdict == workflow.Alive && !req.StopTask && !req.WhileAlive && req.As != Heartbeat {
		return res, &Problem{
			Kind: Conflict, Title: safe.Linef("the task of run %s is still %s", t.Run.Name, t.Task.LastStatus),
			Detail: safe.Line("it is not stuck: it can still answer its token itself"),
			Hint:   safe.Line("look at its log; to end it anyway, have the task stopped too (--stop-task)"),
		}
	}
	if err := s.answer(ctx, req, &res); err != nil {
		return res, fmt.Errorf("%s token of run %s: %w", req.As, t.Run.Name, err)
	}
	if req.StopTask && t.Task != nil && t.Task.Live() {
		stop := TaskStop{Task: *t.Task, Err: s.StopTask(ctx, *t.Task, req.Why)}
		res.TaskStop = &stop
	}
	return res, nil
}

// pickToken finds the one open token that the request means.
func (s *Service) pickToken(ctx context.Context, req ResolveRequest) (OpenToken, error) {
	run, err := s.DescribeRun(ctx, req.RunARN)
	if err != nil {
		return OpenToken{}, err
	}
	if run.Status.Closed() {
		return OpenToken{}, &Problem{Kind: Conflict, Title: safe.Linef("run %s has no open token: it is %s", run.Name, run.Status), Hint: safe.Line("`stepdeck run show` tells how it ended")}
	}
	open, err := s.openTokensOf(ctx, run)
	if err != nil {
		return OpenToken{}, err
	}
	var states []string
	var fitting []OpenToken
	for _, t := range open {
		states = append(states, t.Step.State.String())
		if req.State == "" || t.Step.State.String() == req.State {
			fitting = append(fitting, t)
		}
	}
	switch {
	case len(open) == 0:
		return OpenToken{}, &Problem{Kind: Conflict, Title: safe.Linef("run %s has no open token", run.Name), Hint: safe.Line("it may be between two attempts; `stepdeck run show` tells where it is")}
	case len(fitting) == 0:
		return OpenToken{}, &Problem{Kind: NotFound, Title: safe.Linef("state %s of run %s has no open token", req.State, run.Name), Hint: safe.Linef("open: %s", strings.Join(states, ", "))}
	case len(fitting) > 1:
		return OpenToken{}, &Problem{Kind: Usage, Title: safe.Linef("run %s has %d open tokens", run.Name, len(fitting)), Hint: safe.Linef("name the state: %s", strings.Join(states, ", "))}
	case fitting[0].Token.Empty():
		return OpenToken{}, &Problem{Kind: Failed, Title: safe.Linef("the token of state %s was not found in the history", fitting[0].Step.State), Detail: safe.Line("the state sent its task no token that is recognised"), Hint: safe.Line("stop the run instead")}
	}
	if err := s.judge(ctx, fitting); err != nil && req.As != Heartbeat && !req.WhileAlive {
		return OpenToken{}, fmt.Errorf("check that the task has stopped: %w", err)
	}
	return fitting[0], nil
}

func (s *Service) answer(ctx context.Context, req ResolveRequest, res *ResolveResult) error {
	token := res.Token.Token
	switch req.As {
	case Heartbeat:
		return s.ports.Tokens.HeartbeatToken(ctx, token)
	case Fail:
		res.Error, res.Cause = s.failureFor(req, res.Token.Task)
		return s.ports.Tokens.FailToken(ctx, token, res.Error, res.Cause)
	case Succeed:
		output, err := s.successOutput(req)
		if err != nil {
			return err
		}
		res.Output = output
		return s.ports.Tokens.SucceedToken(ctx, token, output)
	}
	return &Problem{Kind: Usage, Title: safe.Linef("%q is no way to answer a token", req.As), Hint: safe.Line("use fail, succeed or heartbeat")}
}

// failureFor fills error and cause with what ECS says where the request leaves
// them empty, and stamps who did it.
func (s *Service) failureFor(req ResolveRequest, task *workflow.Task) (errorName, cause string) {
	errorName, cause = req.Error, req.Cause
	if task != nil && task.Gone() {
		if errorName == "" {
			errorName = task.StopError()
		}
		if cause == "" {
			cause = task.StopCause().String()
		}
	}
	if errorName == "" {
		errorName = "FailedByHand"
	}
	stamp := s.stamp("failed by hand", req.Why)
	if cause == "" {
		return clip(errorName, maxError), clip(stamp, maxCause)
	}
	return clip(errorName, maxError), clip(cause, maxCause-len(stamp)-1) + "\n" + stamp
}

// stampKey is where a success by hand tells who gave it. Only an object has room.
const stampKey = "resolvedByHand"

func (s *Service) successOutput(req ResolveRequest) (string, error) {
	output := req.Output
	if strings.TrimSpace(output) == "" {
		output = "{}"
	}
	if err := workflow.CheckInput(output); err != nil {
		return "", &Problem{Kind: Usage, Title: safe.Line("the output cannot be sent"), Detail: safe.Line(err.Error()), Err: err}
	}
	var object map[string]json.RawMessage
	if json.Unmarshal([]byte(output), &object) != nil || object == nil {
		return output, nil
	}
	stamp, err := json.Marshal(s.stamp("succeeded by hand", req.Why))
	if err != nil {
		return "", fmt.Errorf("stamp output: %w", err)
	}
	object[stampKey] = stamp
	stamped, err := json.Marshal(object)
	if err != nil {
		return "", fmt.Errorf("stamp output: %w", err)
	}
	if len(stamped) > workflow.MaxInput {
		return output, nil
	}
	return string(stamped), nil
}

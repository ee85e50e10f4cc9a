package supervise

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const (
	callLimit   = 10 * time.Second
	admitFor    = 30 * time.Second // the first heartbeat is tried so long
	answerFor   = 15 * time.Minute // an answer is tried so long
	firstPause  = 200 * time.Millisecond
	longestWait = 20 * time.Second
)

// ErrClosed says that nobody waits for the token any more: its state has ended, timed out or been
// retried, its run has ended, or it never was a token. AWS: TaskTimedOut, TaskDoesNotExist, InvalidToken.
var ErrClosed = errors.New("the task token is closed")

// DeniedError says which permission the task role lacks.
type DeniedError struct {
	Action   string // as in a policy: states:SendTaskHeartbeat
	Resource string // ARN of the state machine as AWS names it, or "the state machine"
	err      error
}

func (e *DeniedError) Error() string {
	return fmt.Sprintf("the task role may not call %s on %s; allow it in the role's policy (%v)", e.Action, e.Resource, e.err)
}

func (e *DeniedError) Unwrap() error { return e.err }

// Token is the one task token that a Supervisor answers.
type Token struct {
	client *sfn.Client
	value  string
}

// NewToken returns the token value, answered through the endpoint of cfg.
func NewToken(cfg aws.Config, value string) *Token {
	return &Token{value: value, client: sfn.NewFromConfig(cfg, func(o *sfn.Options) {
		o.Retryer = aws.NopRetryer{} // the retries here last minutes, and are logged
	})}
}

// Beat sends one heartbeat.
func (t *Token) Beat(ctx context.Context) error {
	return t.call(ctx, "SendTaskHeartbeat", func(ctx context.Context) error {
		_, err := t.client.SendTaskHeartbeat(ctx, &sfn.SendTaskHeartbeatInput{TaskToken: &t.value})
		return err
	})
}

func (t *Token) admit(ctx context.Context, log *log.Logger) error {
	return persist(ctx, admitFor, log, t.Beat)
}

// Succeed answers with the output, at most 262,144 bytes of JSON. It tries for 15 minutes.
func (t *Token) Succeed(ctx context.Context, output string, log *log.Logger) error {
	return persist(ctx, answerFor, log, func(ctx context.Context) error {
		return t.call(ctx, "SendTaskSuccess", func(ctx context.Context) error {
			_, err := t.client.SendTaskSuccess(ctx, &sfn.SendTaskSuccessInput{TaskToken: &t.value, Output: &output})
			return err
		})
	})
}

// Fail answers with an error name (at most 256 characters) and a cause (at most 32,768). It tries for 15 minutes.
func (t *Token) Fail(ctx context.Context, name, cause string, log *log.Logger) error {
	return persist(ctx, answerFor, log, func(ctx context.Context) error {
		return t.call(ctx, "SendTaskFailure", func(ctx context.Context) error {
			_, err := t.client.SendTaskFailure(ctx, &sfn.SendTaskFailureInput{TaskToken: &t.value, Error: &name, Cause: &cause})
			return err
		})
	})
}

func (t *Token) call(ctx context.Context, operation string, send func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	return classify("states:"+operation, send(ctx))
}

var machineARN = regexp.MustCompile(`arn:[\w-]+:states:[\w-]*:\d*:stateMachine:[\w.-]+`)

// classify makes ErrClosed and DeniedError of the SDK's errors.
func classify(action string, err error) error {
	var timedOut *types.TaskTimedOut
	var unknown *types.TaskDoesNotExist
	var invalid *types.InvalidToken
	var api smithy.APIError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &timedOut), errors.As(err, &unknown), errors.As(err, &invalid):
		errors.As(err, &api)
		return fmt.Errorf("%w (%s: %s)", ErrClosed, api.ErrorCode(), api.ErrorMessage())
	case errors.As(err, &api) && (api.ErrorCode() == "AccessDeniedException" || api.ErrorCode() == "AccessDenied"):
		resource := machineARN.FindString(api.ErrorMessage())
		if resource == "" {
			resource = "the state machine"
		}
		return &DeniedError{Action: action, Resource: resource, err: err}
	}
	return err
}

// persist repeats send, with growing pauses, while its error may pass by itself.
func persist(ctx context.Context, limit time.Duration, log *log.Logger, send func(context.Context) error) error {
	deadline := time.Now().Add(limit)
	for pause := firstPause; ; pause = min(2*pause, longestWait) {
		err := send(ctx)
		wait := pause/2 + rand.N(pause/2) // spreads load, guards nothing
		if err == nil || !passing(err) || ctx.Err() != nil || time.Now().Add(wait).After(deadline) {
			return err
		}
		log.Printf("%v; trying again in %v", err, wait.Round(time.Millisecond))
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return err
		}
	}
}

var passingCodes = []string{
	"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded",
	"KmsThrottlingException", "ExpiredTokenException", "ExpiredToken", "RequestExpired",
}

// passing tells throttling, server errors, expired credentials and network trouble from what stays.
func passing(err error) bool {
	var denied *DeniedError
	if errors.Is(err, ErrClosed) || errors.As(err, &denied) {
		return false
	}
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) && response.HTTPStatusCode() >= http.StatusInternalServerError {
		return true
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		return slices.Contains(passingCodes, api.ErrorCode())
	}
	return true
}

// keepAlive sends heartbeats until ctx ends or the token is found closed, which the channel then
// tells once. The channel is closed when the heartbeat has ended.
func (j *job) keepAlive(ctx context.Context) <-chan error {
	closed := make(chan error, 1)
	if j.Token == nil {
		close(closed)
		return closed
	}
	go func() {
		defer close(closed)
		ticker := time.NewTicker(j.Config.Beat)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			switch err := j.Token.Beat(ctx); {
			case errors.Is(err, ErrClosed):
				closed <- err
				return
			case err != nil && ctx.Err() == nil:
				j.log.Printf("heartbeat: %v", err)
			}
		}
	}()
	return closed
}

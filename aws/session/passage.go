package session

import (
	"context"
	"errors"
	"log/slog"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// callDeadline bounds one call with its retries, counted from when it may be sent.
const callDeadline = 15 * time.Second

// whoDeadline bounds the question to STS for the journal: where STS is silent, as in a network
// without an endpoint for it, the change goes ahead in the local user's name.
const whoDeadline = 2 * time.Second

// passage is what every call of a session goes through.
type passage struct {
	session *Session
	pacer   *pacer
	log     *slog.Logger
}

// install adds the passage to an operation's stack. Around the whole call, outermost, sits
// call; around each attempt of it, inside the SDK's retry loop, sits attempt.
func (p *passage) install(stack *middleware.Stack) error {
	outer := middleware.InitializeMiddlewareFunc("stepdeck.Call", p.call)
	if err := stack.Initialize.Add(outer, middleware.Before); err != nil {
		return err
	}
	inner := middleware.FinalizeMiddlewareFunc("stepdeck.Attempt", p.attempt)
	return stack.Finalize.Insert(inner, "Retry", middleware.After)
}

func (p *passage) call(
	ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
) (middleware.InitializeOutput, middleware.Metadata, error) {
	service, operation := names(ctx)
	out, metadata, err := p.send(ctx, in, next)
	if err != nil {
		return out, metadata, p.session.explain(err, service, operation, in.Parameters)
	}
	return out, metadata, nil
}

func (p *passage) send(
	ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
) (middleware.InitializeOutput, middleware.Metadata, error) {
	service, operation := names(ctx)
	read := isRead(service, operation)
	if p.session.ReadOnly() && !read {
		return middleware.InitializeOutput{}, middleware.Metadata{}, errReadOnly
	}
	if err := p.pace(ctx, service, operation); err != nil {
		return middleware.InitializeOutput{}, middleware.Metadata{}, err
	}
	if p.session.Endpoint() != "" {
		// "stream-" before 127.0.0.1 is a host that does not exist.
		ctx = smithyhttp.DisableEndpointHostPrefix(ctx, true)
	}
	if read {
		return dispatch(ctx, in, next)
	}
	return p.record(ctx, in, next)
}

// dispatch sends a call with its retries, within its deadline.
func dispatch(
	ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
) (middleware.InitializeOutput, middleware.Metadata, error) {
	if !isUnbounded(names(ctx)) {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, callDeadline)
		defer cancel()
	}
	return next.HandleInitialize(context.WithValue(ctx, attemptsKey{}, new(int)), in)
}

func (p *passage) pace(ctx context.Context, service, operation string) error {
	defer p.session.meter.hold()()
	return p.pacer.wait(ctx, service, operation)
}

// record sends a change and writes it into the journal, whatever came of it.
func (p *passage) record(
	ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
) (middleware.InitializeOutput, middleware.Metadata, error) {
	journal, err := p.session.Journal().open()
	if err != nil {
		return middleware.InitializeOutput{}, middleware.Metadata{}, &journalError{err}
	}
	defer func() { _ = journal.Close() }()
	service, operation := names(ctx)
	entry := p.session.entry(ctx, service, operation, journalTarget(ctx, in.Parameters))
	out, metadata, err := dispatch(ctx, in, next)
	entry.RequestID = requestID(metadata, err)
	if err != nil {
		entry.Result = withoutSecrets(err.Error(), in.Parameters)
	}
	p.session.record(journal, entry)
	return out, metadata, err
}

type attemptsKey struct{}

func (p *passage) attempt(
	ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
) (middleware.FinalizeOutput, middleware.Metadata, error) {
	service, operation := names(ctx)
	if attempts, ok := ctx.Value(attemptsKey{}).(*int); ok {
		if *attempts++; *attempts > 1 {
			p.pacer.debit(service, operation)
		}
	}
	started := time.Now()
	out, metadata, err := next.HandleFinalize(ctx, in)
	p.session.meter.sent(isThrottle(err))
	p.log.Debug("call", "service", service, "operation", operation, "took", time.Since(started),
		"requestId", requestID(metadata, err), "error", errorCode(err))
	return out, metadata, err
}

func names(ctx context.Context) (service, operation string) {
	return awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)
}

func requestID(metadata middleware.Metadata, err error) string {
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		return response.ServiceRequestID()
	}
	id, _ := awsmiddleware.GetRequestIDMetadata(metadata)
	return id
}

func errorCode(err error) string {
	var api smithy.APIError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &api):
		return api.ErrorCode()
	default:
		return err.Error()
	}
}

func isThrottle(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	_, throttled := retry.DefaultThrottleErrorCodes[api.ErrorCode()]
	return throttled
}

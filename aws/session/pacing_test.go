package session_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/session"
)

// wire answers in memory, so that time in the test is the bubble's.
type wire func(*http.Request) (*http.Response, error)

func (w wire) Do(r *http.Request) (*http.Response, error) { return w(r) }

func reply(status int, body string) wire {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Request: r, Body: io.NopCloser(strings.NewReader(body)),
			Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		}, nil
	}
}

func over(s *session.Session, w wire) *sfn.Client {
	cfg := s.Config()
	cfg.HTTPClient = w
	return sfn.NewFromConfig(cfg)
}

func TestNoAPIGetsMoreThanAQuarterOfItsQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, "http://aws.test", nil)
		api := over(s, reply(200, `{"executions":[]}`))
		list := func() {
			if _, err := api.ListExecutions(t.Context(), &sfn.ListExecutionsInput{}); err != nil {
				t.Fatal(err)
			}
		}
		// ListExecutions in us-east-1: a bucket of 200, refilled with 5 a second.
		began := time.Now()
		for range 50 {
			list()
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("the first 50 calls waited %s", took)
		}
		for range 5 {
			list()
		}
		if took := time.Since(began); took != 4*time.Second {
			t.Errorf("5 more calls at 1.25/s took %s, want 4s", took)
		}
		if n := s.Meter().Rates().CallsPerMinute; n != 55 {
			t.Errorf("meter shows %d calls, want 55", n)
		}
		time.Sleep(2 * time.Minute)
		if r := s.Meter().Rates(); r != (session.Rates{}) {
			t.Errorf("two quiet minutes later the meter shows %+v", r)
		}
	})
}

func TestHeldBackCallsAreShownAndCanBeCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, "http://aws.test", nil)
		api := over(s, reply(200, `{}`))
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error)
		go func() {
			for {
				_, err := api.DescribeStateMachineForExecution(ctx, &sfn.DescribeStateMachineForExecutionInput{ExecutionArn: ptr(runARN)})
				if err != nil {
					failed <- err
					return
				}
			}
		}()
		synctest.Wait()
		if n := s.Meter().Rates().Waiting; n != 1 {
			t.Errorf("%d calls are shown waiting, want 1", n)
		}
		cancel()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled call ended with %v", err)
		}
		// DescribeStateMachineForExecution: one call in four seconds, and the cancelled one took none.
		time.Sleep(4 * time.Second)
		began := time.Now()
		if _, err := api.DescribeStateMachineForExecution(t.Context(), &sfn.DescribeStateMachineForExecutionInput{ExecutionArn: ptr(runARN)}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("the call after a cancelled one waited %s", took)
		}
	})
}

func TestThrottlesAreCountedWithTheirRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, "http://aws.test", nil)
		api := over(s, reply(400, `{"__type":"ThrottlingException","message":"Rate exceeded"}`))
		_, err := api.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: ptr(runARN)})
		want(t, err, ops.Throttled)
		if r := s.Meter().Rates(); r.CallsPerMinute != 3 || r.ThrottlesPerMinute != 3 {
			t.Errorf("meter shows %+v, want three calls, all throttled", r)
		}
	})
}

func TestRetriesCountAgainstTheShareToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, sent := open(t, "http://aws.test", nil), 0
		throttled := reply(400, `{"__type":"ThrottlingException","message":"Rate exceeded"}`)
		api := over(s, func(r *http.Request) (*http.Response, error) { sent++; return throttled(r) })
		began := time.Now()
		for range 60 {
			_, err := api.DescribeStateMachineForExecution(t.Context(), &sfn.DescribeStateMachineForExecutionInput{ExecutionArn: ptr(runARN)})
			want(t, err, ops.Throttled)
		}
		// A bucket of 50, refilled with one in four seconds; the last call's retries may go over.
		if allowed := 50 + time.Since(began).Seconds()/4 + 3; float64(sent) > allowed {
			t.Errorf("%d requests in %s, want at most %.0f", sent, time.Since(began), allowed)
		}
	})
}

func TestASilentEndpointIsGivenUpAfter15Seconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, "http://aws.test", nil)
		api := over(s, func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		began := time.Now()
		_, err := api.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: ptr(runARN)})
		if took := time.Since(began); took != 15*time.Second {
			t.Errorf("gave up after %s", took)
		}
		want(t, err, ops.Unreachable, "no answer", "http://aws.test")
	})
}

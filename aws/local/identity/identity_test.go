package identity_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/identity"
	"github.com/stepdeck/stepdeck/aws/local/wire/wiretest"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func newClient(t *testing.T) (*sts.Client, *clock.Manual) {
	now := clock.NewManual(start)
	service, err := identity.New(identity.Options{Clock: now, Account: "123456789012"})
	noError(t, err)
	router := wiretest.Router()
	router.RegisterQuery(service.API())
	server := httptest.NewServer(router)
	t.Cleanup(func() {
		server.Close()
		noError(t, service.Close())
	})
	return sts.NewFromConfig(wiretest.Config(server.URL)), now
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheCallerIsTold(t *testing.T) {
	client, _ := newClient(t)
	out, err := client.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	noError(t, err)
	if *out.Account != "123456789012" || *out.Arn != "arn:aws:sts::123456789012:assumed-role/local/operator" || !strings.HasSuffix(*out.UserId, ":operator") {
		t.Errorf("got %s, %s, %s", *out.Account, *out.Arn, *out.UserId)
	}
}

func TestAnAssumedRoleIsTheCaller(t *testing.T) {
	client, now := newClient(t)
	out, err := client.AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::123456789012:role/path/reader"), RoleSessionName: aws.String("me@desk"), DurationSeconds: aws.Int32(900),
	})
	noError(t, err)
	given := out.Credentials
	if !given.Expiration.Equal(start.Add(15 * time.Minute)) {
		t.Errorf("expires %s", given.Expiration)
	}
	const want = "arn:aws:sts::123456789012:assumed-role/reader/me@desk"
	if *out.AssumedRoleUser.Arn != want {
		t.Errorf("assumed %s", *out.AssumedRoleUser.Arn)
	}
	for _, until := range []struct {
		at   time.Duration
		want string
	}{{0, want}, {15*time.Minute - time.Second, want}, {15 * time.Minute, "arn:aws:sts::123456789012:assumed-role/local/operator"}} {
		now.Advance(start.Add(until.at).Sub(now.Now()))
		who, err := client.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}, func(o *sts.Options) {
			o.Credentials = credentials.NewStaticCredentialsProvider(*given.AccessKeyId, *given.SecretAccessKey, *given.SessionToken)
		})
		noError(t, err)
		if *who.Arn != until.want {
			t.Errorf("after %s the caller is %s", until.at, *who.Arn)
		}
	}
}

func TestAssumeRoleRefuses(t *testing.T) {
	client, _ := newClient(t)
	const role = "arn:aws:iam::123456789012:role/reader"
	tests := map[string]struct {
		in      sts.AssumeRoleInput
		message string
	}{
		"not a role": {
			sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::123456789012:user/x"), RoleSessionName: aws.String("me")},
			"arn:aws:iam::123456789012:user/x is invalid",
		},
		"a name with blanks": {
			sts.AssumeRoleInput{RoleArn: aws.String(role), RoleSessionName: aws.String("a b")},
			"1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
		},
		"too short a time": {
			sts.AssumeRoleInput{RoleArn: aws.String(role), RoleSessionName: aws.String("me"), DurationSeconds: aws.Int32(899)},
			"1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := client.AssumeRole(t.Context(), &test.in)
			var known smithy.APIError
			if !errors.As(err, &known) || known.ErrorCode() != "ValidationError" || known.ErrorMessage() != test.message {
				t.Errorf("got  %v\nwant ValidationError: %s", err, test.message)
			}
		})
	}
}

package stack_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

func TestAValueShowsItselfToNobody(t *testing.T) {
	const secret = "hunter2"
	v := stack.NewValue(secret)
	text, err := json.Marshal(map[string]any{"value": v, "request": stack.SecretRequest{Name: "/a", Value: v}})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("set", "value", v, "request", stack.SecretRequest{Value: v})
	for _, shown := range []string{
		fmt.Sprint(v), fmt.Sprintf("%s %v %+v %#v %q", v, v, v, v, v), fmt.Sprintf("%v %+v %#v", stack.SecretRequest{Value: v}, &stack.SecretRequest{Value: v}, []any{v}),
		fmt.Errorf("failed: %v", v).Error(), string(text), log.String(),
	} {
		if strings.Contains(shown, secret) {
			t.Errorf("shown in %q", shown)
		}
	}
	if v.Reveal() != secret {
		t.Error("the value is lost")
	}
}

func TestSecretsAreSet(t *testing.T) {
	a := newAccount()
	version, err := a.service().SetSecret(t.Context(), stack.SecretRequest{Name: "/dumps/db/password", Value: stack.NewValue("x y\n")})
	if err != nil || version != 3 || a.put["/dumps/db/password"] != "x y\n" {
		t.Errorf("%d, %v, %v", version, err, a.put)
	}
}

func TestSecretsThatCannotBeKeptAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		request stack.SecretRequest
		kind    ops.Kind
		want    string
	}{
		"a bare name":    {stack.SecretRequest{Name: "password", Value: stack.NewValue("x")}, ops.Usage, "/ in front"},
		"AWS's own":      {stack.SecretRequest{Name: "/aws/x", Value: stack.NewValue("x")}, ops.Usage, "neither /aws nor /ssm"},
		"an empty value": {stack.SecretRequest{Name: "/a", Value: stack.NewValue("")}, ops.Usage, "it is empty"},
		"a long value":   {stack.SecretRequest{Name: "/a", Value: stack.NewValue(strings.Repeat("s3cr3t", 1000))}, ops.Usage, "4,096"},
		"no text":        {stack.SecretRequest{Name: "/a", Value: stack.NewValue("\xff")}, ops.Usage, "UTF-8"},
		"a plain one":    {stack.SecretRequest{Name: "/plain", Value: stack.NewValue("x")}, ops.Conflict, "delete-parameter"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount()
			a.secrets["/plain"] = "String"
			_, err := a.service().SetSecret(t.Context(), c.request)
			says(t, err, c.kind, c.want)
			if len(a.put) != 0 || strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("put %d, %v", len(a.put), err)
			}
		})
	}
}

func TestTheStackNamesItsSecrets(t *testing.T) {
	a := newAccount()
	user, password, err := a.service().SecretNames(t.Context(), "shop")
	if err != nil || user != "/shop/db/user" || password != "/shop/db/password" {
		t.Errorf("before the stack: %s, %s, %v", user, password, err)
	}
	a = a.withStack(stack.UpdateComplete)
	a.stacks["dumps"].Outputs = []stack.Output{{Name: "UserSecretName", Value: safe.Line("/u")}, {Name: "PasswordSecretName", Value: safe.Line("/p")}}
	if user, password, err = a.service().SecretNames(t.Context(), "dumps"); err != nil || user != "/u" || password != "/p" {
		t.Errorf("by its outputs: %s, %s, %v", user, password, err)
	}
}

package stack

import (
	"context"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// SecretRequest asks for a secret to be set. KeyID is empty for the account's own key.
type SecretRequest struct {
	Name  string
	Value Value
	KeyID string
}

// longestSecret is what a standard parameter holds (AWS: Parameter Store, 4 KB).
const longestSecret = 4096

// secretName is a full name of a parameter (AWS: at most 15 levels, 1,011 characters).
var secretName = regexp.MustCompile(`^(/[A-Za-z0-9_.-]+){1,15}$`)

// SecretNames are the parameters that a stack's tasks get their secrets from:
// by its outputs, or by the template's rule where there is no stack yet.
func (s *Service) SecretNames(ctx context.Context, stack string) (user, password string, err error) {
	st, err := s.find(ctx, stack)
	if err != nil && ops.KindOf(err) != ops.NotFound {
		return "", "", err
	}
	user, password = secretNames(stack, nil)
	if name := st.Output("UserSecretName"); name != "" {
		user = name
	}
	if name := st.Output("PasswordSecretName"); name != "" {
		password = name
	}
	return user, password, nil
}

// CheckSecretName refuses what is no full name of a parameter.
func CheckSecretName(name string) error {
	if secretName.MatchString(name) && len(name) <= 1011 && !strings.HasPrefix(name, "/aws/") && !strings.HasPrefix(name, "/ssm/") {
		return nil
	}
	return &ops.Problem{
		Kind: ops.Usage, Title: safe.Line("NAME"), Detail: safe.Linef("%q is no full name of a parameter", name),
		Hint: safe.Linef("name it like /%s/db/password: / in front, letters, digits, . _ and - between, and neither /aws nor /ssm first", DefaultName),
	}
}

// SetSecret makes a SecureString, or a new version of it, and returns the version.
func (s *Service) SetSecret(ctx context.Context, r SecretRequest) (version int64, err error) {
	if err := CheckSecretName(r.Name); err != nil {
		return 0, err
	}
	switch n := len(r.Value.raw); {
	case n == 0:
		return 0, badValue(r.Name, "it is empty")
	case n > longestSecret:
		return 0, badValue(r.Name, "it has more than 4,096 bytes")
	case !utf8.ValidString(r.Value.raw):
		return 0, badValue(r.Name, "it is not UTF-8 text")
	}
	old, err := s.ports.Secrets.Secret(ctx, r.Name)
	switch {
	case err != nil && ops.KindOf(err) != ops.NotFound && ops.KindOf(err) != ops.Denied:
		return 0, err
	case err == nil && old.Type != SecureString:
		return 0, &ops.Problem{
			Kind: ops.Conflict, Title: safe.Linef("parameter %s is a %s", r.Name, old.Type),
			Detail: safe.Line("AWS does not make a SecureString of it"),
			Hint:   safe.Linef("delete it (aws ssm delete-parameter --name %s), and set it again", r.Name),
		}
	}
	return s.ports.Secrets.PutSecret(ctx, r.Name, r.Value, r.KeyID)
}

func badValue(name, reason string) error {
	return &ops.Problem{
		Kind: ops.Usage, Title: safe.Linef("the value of %s cannot be kept", name), Detail: safe.Line(reason),
		Hint: safe.Line("type it when asked, or give it on standard input"),
	}
}

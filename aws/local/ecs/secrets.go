package ecs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/ecs/runner"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// secretsPerCall is half of what one GetParameters takes: a secret may have
// two names. AWS: GetParameters.
const secretsPerCall = 5

type parametersInput struct {
	Names          []string `json:"Names"`
	WithDecryption bool     `json:"WithDecryption"`
}

type parametersOutput struct {
	Parameters []struct {
		Name  string `json:"Name"`
		Value string `json:"Value"`
	} `json:"Parameters"`
}

// secrets fetches the values of a container's secrets from SSM.
func (s *Service) secrets(ctx context.Context, wanted []Secret) ([]runner.Var, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	values := map[string]string{}
	for some := range slices.Chunk(wanted, secretsPerCall) {
		if err := s.parameters(ctx, some, values); err != nil {
			return nil, err
		}
	}
	var found []runner.Var
	var missing []string
	for _, secret := range wanted {
		names := parameterNames(secret.ValueFrom)
		i := slices.IndexFunc(names, func(name string) bool { _, ok := values[name]; return ok })
		if i < 0 {
			missing = append(missing, names[0])
			continue
		}
		found = append(found, runner.Var{Name: secret.Name, Value: values[names[i]]})
	}
	if missing != nil {
		return nil, fmt.Errorf("service call has been retried 1 time(s): invalid ssm parameters: %s", strings.Join(missing, ", "))
	}
	return found, nil
}

func (s *Service) parameters(ctx context.Context, wanted []Secret, values map[string]string) error {
	in := parametersInput{WithDecryption: true}
	for _, secret := range wanted {
		in.Names = append(in.Names, parameterNames(secret.ValueFrom)...)
	}
	slices.Sort(in.Names)
	in.Names = slices.Compact(in.Names)
	var out parametersOutput
	if err := s.insist(ctx, "ssm", "GetParameters", in, &out); err != nil {
		return fmt.Errorf("service call has been retried 1 time(s): %w", err)
	}
	for _, p := range out.Parameters {
		values[p.Name] = p.Value
	}
	return nil
}

// parameterNames are the names that a secret may mean: the ARN of "a" is the
// same as that of "/a".
func parameterNames(valueFrom string) []string {
	_, name, found := strings.Cut(valueFrom, ":parameter/")
	if !found {
		return []string{valueFrom}
	}
	return []string{"/" + name, name}
}

// invoke calls another service of local AWS; out may be nil.
func (s *Service) invoke(ctx context.Context, service, operation string, in, out any) error {
	body, err := wire.Encode(in)
	if err != nil {
		return fmt.Errorf("encode %s: %w", operation, err)
	}
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	answer, err := s.options.Invoke(ctx, service, operation, body)
	if err != nil {
		return err
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("read the answer of %s: %w", operation, err)
	}
	return nil
}

// errorCode is the type of an error that another service answered.
func errorCode(err error) string {
	var known *wire.Error
	if errors.As(err, &known) {
		return known.Code
	}
	return ""
}

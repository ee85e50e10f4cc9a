package params

import (
	"context"
	"regexp"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// The types of parameters.
const (
	plainText  = "String"
	stringList = "StringList"
	secure     = "SecureString"
)

// The limits of a parameter: a standard value is at most 4 KB.
const (
	maxName        = 2048
	maxValue       = 4096
	maxDescription = 1024
	maxLevels      = 15
)

var (
	namePattern = regexp.MustCompile(`^/?[a-zA-Z0-9_.-]+(/[a-zA-Z0-9_.-]+)*$`)
	reserved    = regexp.MustCompile(`^/?(?i:aws|ssm)`)
)

type putParameterInput struct {
	Name        string  `json:"Name"`
	Value       *string `json:"Value"`
	Type        string  `json:"Type"`
	Description string  `json:"Description"`
	Overwrite   bool    `json:"Overwrite"`
}

type putParameterOutput struct {
	Tier    string `json:"Tier"`
	Version int64  `json:"Version"`
}

func (s *Service) putParameter(_ context.Context, in *putParameterInput) (*putParameterOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before, exists := s.params[in.Name]
	switch {
	case exists && !in.Overwrite:
		return nil, wire.Errorf("ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
	case !exists && in.Type == "":
		return nil, wire.Errorf(validation, "A parameter type is required when you create a parameter.")
	case in.Type == "":
		in.Type = before.Type
	}
	r := record{
		Name: in.Name, Type: in.Type, Value: *in.Value, Description: in.Description,
		Version: before.Version + 1, Modified: s.opts.Clock.Now().UTC(),
	}
	if in.Description == "" {
		r.Description = before.Description
	}
	if err := s.opts.Store.Put(recordBucket, r.Name, r); err != nil {
		return nil, err
	}
	s.params[r.Name] = r
	return &putParameterOutput{Tier: "Standard", Version: r.Version}, nil
}

const validation = "ValidationException"

func (in *putParameterInput) check() error {
	var v wire.Violations
	v.Length("name", in.Name, 1, maxName)
	v.Required("value", in.Value != nil)
	v.Length("description", in.Description, 0, maxDescription)
	if in.Type != "" {
		v.Enum("type", in.Type, plainText, stringList, secure)
	}
	if err := v.Err(); err != nil {
		return err
	}
	switch {
	case *in.Value == "":
		return wire.Errorf(validation, "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1")
	case len(*in.Value) > maxValue:
		return wire.Errorf(validation, "Standard tier parameters support a maximum parameter value of %d characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html", maxValue)
	}
	return checkName(in.Name)
}

func checkName(name string) error {
	switch {
	case reserved.MatchString(name):
		return wire.Errorf("AccessDeniedException", "No access to reserved parameter name: %s.", name)
	case !namePattern.MatchString(name):
		return wire.Errorf(validation, "Parameter name must be a fully qualified name of letters, digits and the symbols . - _ with / between its levels.")
	case strings.Contains(strings.TrimPrefix(name, "/"), "/") && !strings.HasPrefix(name, "/"):
		return wire.Errorf(validation, "Parameter name must be a fully qualified name.")
	case strings.Count(name, "/") > maxLevels:
		return wire.Errorf("HierarchyLevelLimitExceededException", "A parameter hierarchy can have a maximum of %d levels.", maxLevels)
	}
	return nil
}

type deleteParameterInput struct {
	Name string `json:"Name"`
}

func (s *Service) deleteParameter(_ context.Context, in *deleteParameterInput) (*struct{}, error) {
	var v wire.Violations
	v.Length("name", in.Name, 1, maxName)
	if err := v.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.params[in.Name]; !ok {
		return nil, errNotFound
	}
	if err := s.opts.Store.Delete(recordBucket, in.Name); err != nil {
		return nil, err
	}
	delete(s.params, in.Name)
	return &struct{}{}, nil
}

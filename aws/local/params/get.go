package params

import (
	"context"
	"encoding/base64"
	"maps"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// errNotFound is without a text, as AWS answers it.
var errNotFound = &wire.Error{Code: "ParameterNotFound"}

// The most items of one answer.
const (
	maxNames    = 10
	maxByPath   = 10
	maxDescribe = 50
)

type parameter struct {
	ARN              string       `json:"ARN"`
	DataType         string       `json:"DataType"`
	LastModifiedDate wire.Seconds `json:"LastModifiedDate"`
	Name             string       `json:"Name"`
	Type             string       `json:"Type"`
	Value            string       `json:"Value"`
	Version          int64        `json:"Version"`
}

// show gives a parameter; a secure value is hidden unless decryption is asked for.
func (s *Service) show(r record, decrypt bool) parameter {
	value := r.Value
	if r.Type == secure && !decrypt {
		value = hidden(r)
	}
	return parameter{
		ARN: s.arn(r.Name), DataType: "text", LastModifiedDate: wire.Seconds(r.Modified),
		Name: r.Name, Type: r.Type, Value: value, Version: r.Version,
	}
}

// hidden stands for a ciphertext. It tells nothing of the value.
func hidden(r record) string {
	return base64.StdEncoding.EncodeToString([]byte("local AWS keeps the value of " + r.Name + " to itself"))
}

func (s *Service) arn(name string) string {
	return "arn:aws:ssm:" + s.opts.Region + ":" + s.opts.Account + ":parameter/" + strings.TrimPrefix(name, "/")
}

// name is the parameter's that a request means by its name or its ARN.
func (s *Service) name(asked string) string {
	rest, ok := strings.CutPrefix(asked, s.arn(""))
	if !ok {
		return asked
	}
	if _, levels := s.params["/"+rest]; levels {
		return "/" + rest
	}
	return rest
}

type getParameterInput struct {
	Name           string `json:"Name"`
	WithDecryption bool   `json:"WithDecryption"`
}

type getParameterOutput struct {
	Parameter parameter `json:"Parameter"`
}

func (s *Service) getParameter(_ context.Context, in *getParameterInput) (*getParameterOutput, error) {
	var v wire.Violations
	v.Length("name", in.Name, 1, maxName)
	if err := v.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, ok := s.params[s.name(in.Name)]
	if !ok {
		return nil, errNotFound
	}
	return &getParameterOutput{s.show(r, in.WithDecryption)}, nil
}

type getParametersInput struct {
	Names          []string `json:"Names"`
	WithDecryption bool     `json:"WithDecryption"`
}

type getParametersOutput struct {
	InvalidParameters []string    `json:"InvalidParameters"`
	Parameters        []parameter `json:"Parameters"`
}

func (s *Service) getParameters(_ context.Context, in *getParametersInput) (*getParametersOutput, error) {
	var v wire.Violations
	v.Items("names", len(in.Names), 1, maxNames)
	if err := v.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := &getParametersOutput{InvalidParameters: []string{}, Parameters: []parameter{}}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(in.Names))) {
		r, ok := s.params[s.name(name)]
		if !ok {
			out.InvalidParameters = append(out.InvalidParameters, name)
			continue
		}
		out.Parameters = append(out.Parameters, s.show(r, in.WithDecryption))
	}
	return out, nil
}

type getParametersByPathInput struct {
	Path           string `json:"Path"`
	Recursive      bool   `json:"Recursive"`
	WithDecryption bool   `json:"WithDecryption"`
	MaxResults     *int64 `json:"MaxResults"`
	NextToken      string `json:"NextToken"`
}

type getParametersByPathOutput struct {
	NextToken  string      `json:"NextToken,omitempty"`
	Parameters []parameter `json:"Parameters"`
}

func (s *Service) getParametersByPath(_ context.Context, in *getParametersByPathInput) (*getParametersByPathOutput, error) {
	limit, err := pageLimit(in.MaxResults, maxByPath)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(in.Path, "/") {
		return nil, wire.Errorf(validation, "The parameter path must begin with a slash, such as /stepdeck.")
	}
	path := strings.TrimRight(in.Path, "/") + "/"
	records, next, err := s.page(in.NextToken, limit, func(r record) bool {
		below, ok := strings.CutPrefix(r.Name, path)
		return ok && (in.Recursive || !strings.Contains(below, "/"))
	})
	if err != nil {
		return nil, err
	}
	out := &getParametersByPathOutput{NextToken: next, Parameters: []parameter{}}
	for _, r := range records {
		out.Parameters = append(out.Parameters, s.show(r, in.WithDecryption))
	}
	return out, nil
}

type describeParametersInput struct {
	MaxResults *int64 `json:"MaxResults"`
	NextToken  string `json:"NextToken"`
}

type describeParametersOutput struct {
	NextToken  string     `json:"NextToken,omitempty"`
	Parameters []metadata `json:"Parameters"`
}

type metadata struct {
	ARN              string       `json:"ARN"`
	DataType         string       `json:"DataType"`
	Description      string       `json:"Description,omitempty"`
	LastModifiedDate wire.Seconds `json:"LastModifiedDate"`
	Name             string       `json:"Name"`
	Tier             string       `json:"Tier"`
	Type             string       `json:"Type"`
	Version          int64        `json:"Version"`
}

func (s *Service) describeParameters(_ context.Context, in *describeParametersInput) (*describeParametersOutput, error) {
	limit, err := pageLimit(in.MaxResults, maxDescribe)
	if err != nil {
		return nil, err
	}
	records, next, err := s.page(in.NextToken, limit, func(record) bool { return true })
	if err != nil {
		return nil, err
	}
	out := &describeParametersOutput{NextToken: next, Parameters: []metadata{}}
	for _, r := range records {
		out.Parameters = append(out.Parameters, metadata{
			ARN: s.arn(r.Name), DataType: "text", Description: r.Description, LastModifiedDate: wire.Seconds(r.Modified),
			Name: r.Name, Tier: "Standard", Type: r.Type, Version: r.Version,
		})
	}
	return out, nil
}

func pageLimit(asked *int64, most int) (int, error) {
	if asked == nil {
		return most, nil
	}
	var v wire.Violations
	v.Range("maxResults", *asked, 1, int64(most))
	return int(*asked), v.Err()
}

// page gives the records that are wanted by name, going on from a token.
func (s *Service) page(token string, limit int, wanted func(record) bool) (records []record, next string, err error) {
	after, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, "", wire.Errorf("InvalidNextToken", "The specified token is not valid.")
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, name := range slices.Sorted(maps.Keys(s.params)) {
		if name <= string(after) || !wanted(s.params[name]) {
			continue
		}
		if len(records) == limit {
			return records, base64.RawURLEncoding.EncodeToString([]byte(records[limit-1].Name)), nil
		}
		records = append(records, s.params[name])
	}
	return records, "", nil
}

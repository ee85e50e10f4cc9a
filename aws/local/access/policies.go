package access

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// longestPolicyName bounds names of inline policies. AWS: PutRolePolicy.
const longestPolicyName = 128

// document is the JSON text of a policy. XML answers have it URL-encoded.
type document string

// MarshalXML writes the text as RFC 3986 encodes it.
func (d document) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	return e.EncodeElement(strings.ReplaceAll(url.QueryEscape(string(d)), "+", "%20"), start)
}

func (d document) check() error {
	var policy struct{ Statement json.RawMessage }
	if err := json.Unmarshal([]byte(d), &policy); err != nil || policy.Statement == nil {
		return wire.Errorf("MalformedPolicyDocument", "Syntax errors in policy.")
	}
	return nil
}

type policyInput struct {
	roleInput
	Policy   string   `json:"PolicyName"`
	Document document `json:"PolicyDocument"`
}

func (s *Service) putPolicy(_ context.Context, in *policyInput) (*none, error) {
	var v wire.Violations
	v.Length("policyName", in.Policy, 1, longestPolicyName)
	v.Pattern("policyName", in.Policy, rolePattern)
	if err := v.ErrAs("ValidationError"); err != nil {
		return nil, err
	}
	if err := in.Document.check(); err != nil {
		return nil, err
	}
	return s.change(in.Name, func(r *record) error {
		if r.Inline == nil {
			r.Inline = map[string]document{}
		}
		r.Inline[in.Policy] = in.Document
		return nil
	})
}

type policyOutput struct {
	RoleName       string
	PolicyName     string
	PolicyDocument document
}

func (s *Service) getPolicy(_ context.Context, in *policyInput) (*policyOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(in.Name)
	if err != nil {
		return nil, err
	}
	text, ok := r.Inline[in.Policy]
	if !ok {
		return nil, noPolicy(in.Policy)
	}
	return &policyOutput{in.Name, in.Policy, text}, nil
}

func noPolicy(name string) error {
	return notFound("The role policy with name %s cannot be found.", name)
}

type policiesOutput struct {
	IsTruncated bool
	PolicyNames []string `xml:"PolicyNames>member"`
}

func (s *Service) listPolicies(_ context.Context, in *roleInput) (*policiesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(in.Name)
	if err != nil {
		return nil, err
	}
	return &policiesOutput{PolicyNames: slices.Sorted(maps.Keys(r.Inline))}, nil
}

func (s *Service) deletePolicy(_ context.Context, in *policyInput) (*none, error) {
	return s.change(in.Name, func(r *record) error {
		if _, ok := r.Inline[in.Policy]; !ok {
			return noPolicy(in.Policy)
		}
		delete(r.Inline, in.Policy)
		return nil
	})
}

type attachInput struct {
	roleInput
	Policy string `json:"PolicyArn"`
}

// managedPolicy is the ARN of a policy of AWS's or of an account.
var managedPolicy = regexp.MustCompile(`^arn:aws[a-z-]*:iam::(aws|\d{12}):policy/(.+/)?([^/]+)$`)

// attach takes every ARN that AWS or an account may have: no managed policies are kept here.
func (s *Service) attach(_ context.Context, in *attachInput) (*none, error) {
	if !managedPolicy.MatchString(in.Policy) {
		return nil, wire.Errorf("InvalidInput", "ARN %s is not valid.", in.Policy)
	}
	return s.change(in.Name, func(r *record) error {
		if !slices.Contains(r.Attached, in.Policy) {
			r.Attached = append(slices.Clone(r.Attached), in.Policy)
		}
		return nil
	})
}

func (s *Service) detach(_ context.Context, in *attachInput) (*none, error) {
	return s.change(in.Name, func(r *record) error {
		i := slices.Index(r.Attached, in.Policy)
		if i < 0 {
			return notFound("Policy %s was not found.", in.Policy)
		}
		r.Attached = slices.Delete(slices.Clone(r.Attached), i, i+1)
		return nil
	})
}

type attachedPolicy struct{ PolicyName, PolicyArn string }

type attachedOutput struct {
	IsTruncated      bool
	AttachedPolicies []attachedPolicy `xml:"AttachedPolicies>member"`
}

func (s *Service) listAttached(_ context.Context, in *roleInput) (*attachedOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(in.Name)
	if err != nil {
		return nil, err
	}
	out := &attachedOutput{}
	for _, arn := range r.Attached {
		out.AttachedPolicies = append(out.AttachedPolicies, attachedPolicy{arn[strings.LastIndexByte(arn, '/')+1:], arn})
	}
	return out, nil
}

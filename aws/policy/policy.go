// Package policy reads IAM policy documents and decides what they allow.
package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Policy is what one document or several together say.
type Policy struct{ Statements []Statement }

// Statement is one rule. Either the plain or the Not list of actions is filled, and so for resources and principals.
type Statement struct {
	Sid        string
	Deny       bool
	Actions    []string // as written: letters of any case, * and ?
	NotActions []string
	// Resources is empty in a trust policy, where the resource is the role itself.
	Resources     []string
	NotResources  []string
	Principals    []Principal // of trust and resource policies
	NotPrincipals []Principal
	Conditions    []Condition // all of them must hold
}

// Principal is who a trust or resource policy speaks of.
type Principal struct {
	Kind string // Service, AWS, Federated, CanonicalUser; "*" is everybody
	ID   string
}

// Parse reads a document made of JSON values: objects, lists, text, numbers and booleans. A single statement may
// stand without a list around it. Every error names the statement, counted from 1, and the field.
func Parse(document any) (Policy, error) {
	fields, ok := document.(map[string]any)
	if !ok {
		return Policy{}, fmt.Errorf("a policy document is an object with Version and Statement, not %T", document)
	}
	if _, ok := fields["Statement"]; !ok {
		return Policy{}, errors.New("the policy document has no Statement")
	}
	var p Policy
	for i, item := range list(fields["Statement"]) {
		statement, err := parseStatement(item)
		if err != nil {
			return Policy{}, fmt.Errorf("statement %d: %w", i+1, err)
		}
		p.Statements = append(p.Statements, statement)
	}
	return p, nil
}

// Join is the policy of somebody who has all of these.
func Join(policies ...Policy) Policy {
	var all Policy
	for _, p := range policies {
		all.Statements = append(all.Statements, p.Statements...)
	}
	return all
}

func parseStatement(item any) (Statement, error) {
	fields, ok := item.(map[string]any)
	if !ok {
		return Statement{}, fmt.Errorf("it is %T, not an object", item)
	}
	var s Statement
	s.Sid, _ = fields["Sid"].(string)
	switch fields["Effect"] {
	case "Allow":
	case "Deny":
		s.Deny = true
	default:
		return Statement{}, fmt.Errorf("its Effect is %v; it is Allow or Deny", fields["Effect"])
	}
	for name, into := range map[string]*[]string{
		"Action": &s.Actions, "NotAction": &s.NotActions, "Resource": &s.Resources, "NotResource": &s.NotResources,
	} {
		words, err := texts(fields[name])
		if err != nil {
			return Statement{}, fmt.Errorf("%s: %w", name, err)
		}
		*into = words
	}
	if (len(s.Actions) == 0) == (len(s.NotActions) == 0) {
		return Statement{}, errors.New("it needs Action or NotAction, and not both")
	}
	var err error
	if s.Principals, err = principals(fields["Principal"]); err != nil {
		return Statement{}, fmt.Errorf("Principal: %w", err)
	}
	if s.NotPrincipals, err = principals(fields["NotPrincipal"]); err != nil {
		return Statement{}, fmt.Errorf("NotPrincipal: %w", err)
	}
	s.Conditions, err = conditions(fields["Condition"])
	return s, err
}

func principals(value any) ([]Principal, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case string:
		return []Principal{{Kind: "*", ID: v}}, nil
	case map[string]any:
		var found []Principal
		for kind, ids := range v {
			words, err := texts(ids)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", kind, err)
			}
			for _, id := range words {
				found = append(found, Principal{kind, id})
			}
		}
		slices.SortFunc(found, func(a, b Principal) int { return strings.Compare(a.Kind+a.ID, b.Kind+b.ID) })
		return found, nil
	default:
		return nil, fmt.Errorf("it is %T, not an object or *", value)
	}
}

// list makes a list of one of a value that stands alone, as IAM does.
func list(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

func texts(value any) ([]string, error) {
	var words []string
	for _, item := range list(value) {
		switch item := item.(type) {
		case string:
			words = append(words, item)
		case bool, float64, int:
			words = append(words, fmt.Sprint(item))
		default:
			return nil, fmt.Errorf("it holds %T where a text belongs", item)
		}
	}
	return words, nil
}

package policy

import "strings"

// Decision is the answer to a request.
type Decision int

const (
	// NotAllowed means that no statement speaks of the request: IAM denies it.
	NotAllowed Decision = iota
	// Allowed means that a statement allows it and none denies it.
	Allowed
	// Denied means that a statement denies it, whatever others allow.
	Denied
)

func (d Decision) String() string {
	return [...]string{"not allowed", "allowed", "denied"}[d]
}

// Context holds the condition keys of a request, such as "aws:SourceAccount", with their values. Letters of any
// case name the same key.
type Context map[string][]string

func (c Context) values(key string) ([]string, bool) {
	for name, values := range c {
		if strings.EqualFold(name, key) {
			return values, true
		}
	}
	return nil, false
}

// Allows decides on an action ("s3:GetObject") on a resource (an ARN, or "*" for an action that has none).
func (p Policy) Allows(action, resource string, context Context) Decision {
	return p.decide(func(s Statement) bool {
		return s.coversAction(action) && s.coversResource(resource) && s.holds(context)
	})
}

// Trusts decides on an action, usually sts:AssumeRole, of a principal by a trust or resource policy.
func (p Policy) Trusts(who Principal, action string, context Context) Decision {
	return p.decide(func(s Statement) bool {
		return s.coversPrincipal(who) && s.coversAction(action) && s.holds(context)
	})
}

func (p Policy) decide(covers func(Statement) bool) Decision {
	decision := NotAllowed
	for _, s := range p.Statements {
		switch {
		case !covers(s):
		case s.Deny:
			return Denied
		default:
			decision = Allowed
		}
	}
	return decision
}

func (s Statement) coversAction(action string) bool {
	action = strings.ToLower(action)
	if len(s.NotActions) > 0 {
		return !matchesAny(lower(s.NotActions), action)
	}
	return matchesAny(lower(s.Actions), action)
}

func (s Statement) coversResource(resource string) bool {
	if len(s.NotResources) > 0 {
		return !matchesAny(s.NotResources, resource)
	}
	return matchesAny(s.Resources, resource)
}

func (s Statement) coversPrincipal(who Principal) bool {
	among := func(principals []Principal) bool {
		for _, p := range principals {
			if p.ID == "*" || p == who {
				return true
			}
		}
		return false
	}
	if len(s.NotPrincipals) > 0 {
		return !among(s.NotPrincipals)
	}
	return among(s.Principals)
}

func matchesAny(patterns []string, text string) bool {
	for _, p := range patterns {
		if Match(p, text) {
			return true
		}
	}
	return false
}

func lower(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = strings.ToLower(w)
	}
	return out
}

// Match tells whether text fits a pattern in which * stands for any letters, none too, and ? for one.
func Match(pattern, text string) bool {
	// Positions to go back to: the last star, and how far it has reached.
	star, reached := -1, 0
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, reached = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			reached++
			p, t = star+1, reached
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

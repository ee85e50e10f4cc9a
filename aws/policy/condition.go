package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Condition compares one key of a request with values.
type Condition struct {
	Operator string // with its "IfExists" and "ForAllValues:" or "ForAnyValue:"
	Key      string
	Values   []string
}

// operator is what an operator's name without its additions does with one wanted and one given value.
type operator struct {
	match   func(want, have string) bool
	negated bool // it holds when no wanted value matches
}

var operators = map[string]operator{
	"StringEquals":              {match: equal},
	"StringNotEquals":           {match: equal, negated: true},
	"StringEqualsIgnoreCase":    {match: strings.EqualFold},
	"StringNotEqualsIgnoreCase": {match: strings.EqualFold, negated: true},
	"StringLike":                {match: Match},
	"StringNotLike":             {match: Match, negated: true},
	"ArnEquals":                 {match: matchARN},
	"ArnNotEquals":              {match: matchARN, negated: true},
	"ArnLike":                   {match: matchARN},
	"ArnNotLike":                {match: matchARN, negated: true},
	"Bool":                      {match: strings.EqualFold},
	"NumericEquals":             {match: number(func(want, have float64) bool { return have == want })},
	"NumericNotEquals":          {match: number(func(want, have float64) bool { return have == want }), negated: true},
	"NumericLessThan":           {match: number(func(want, have float64) bool { return have < want })},
	"NumericLessThanEquals":     {match: number(func(want, have float64) bool { return have <= want })},
	"NumericGreaterThan":        {match: number(func(want, have float64) bool { return have > want })},
	"NumericGreaterThanEquals":  {match: number(func(want, have float64) bool { return have >= want })},
}

const isNull = "Null"

func conditions(value any) ([]Condition, error) {
	if value == nil {
		return nil, nil
	}
	blocks, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("Condition is %T, not an object", value)
	}
	var found []Condition
	for name, keys := range blocks {
		_, base, _ := parts(name)
		if _, known := operators[base]; !known && base != isNull {
			return nil, fmt.Errorf("Condition: the operator %s is not known here", name)
		}
		wanted, ok := keys.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("Condition: %s is %T, not an object of keys", name, keys)
		}
		for key, values := range wanted {
			words, err := texts(values)
			if err != nil {
				return nil, fmt.Errorf("Condition: %s %s: %w", name, key, err)
			}
			found = append(found, Condition{name, key, words})
		}
	}
	slices.SortFunc(found, func(a, b Condition) int { return strings.Compare(a.Operator+a.Key, b.Operator+b.Key) })
	return found, nil
}

// parts splits "ForAllValues:StringEqualsIfExists" into its set, its operator and whether a missing key is fine.
func parts(name string) (set, base string, ifExists bool) {
	if before, after, found := strings.Cut(name, ":"); found {
		set, name = before, after
	}
	base, ifExists = strings.CutSuffix(name, "IfExists")
	return set, base, ifExists
}

func (s Statement) holds(context Context) bool {
	for _, c := range s.Conditions {
		if !c.holds(context) {
			return false
		}
	}
	return true
}

func (c Condition) holds(context Context) bool {
	set, base, ifExists := parts(c.Operator)
	have, exists := context.values(c.Key)
	if base == isNull {
		return slices.Contains(c.Values, strconv.FormatBool(!exists))
	}
	op := operators[base]
	if !exists {
		// AWS: a key that is not in the request fails every operator but the negated ones and ForAllValues.
		return ifExists || op.negated || set == "ForAllValues"
	}
	one := func(value string) bool {
		matches := slices.ContainsFunc(c.Values, func(want string) bool { return op.match(want, value) })
		return matches != op.negated
	}
	if set == "ForAllValues" || (set == "" && op.negated) {
		return !slices.ContainsFunc(have, func(value string) bool { return !one(value) })
	}
	return slices.ContainsFunc(have, one)
}

func equal(want, have string) bool { return want == have }

// matchARN compares part by part, so that a * does not reach over a colon, except in the last part.
func matchARN(want, have string) bool {
	const arnParts = 6
	pattern, arn := strings.SplitN(want, ":", arnParts), strings.SplitN(have, ":", arnParts)
	if len(pattern) != len(arn) {
		return false
	}
	for i := range pattern {
		if !Match(pattern[i], arn[i]) {
			return false
		}
	}
	return true
}

func number(compare func(want, have float64) bool) func(want, have string) bool {
	return func(want, have string) bool {
		a, errA := strconv.ParseFloat(want, 64)
		b, errB := strconv.ParseFloat(have, 64)
		return errA == nil && errB == nil && compare(a, b)
	}
}

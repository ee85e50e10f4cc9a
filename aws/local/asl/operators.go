package asl

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"
)

// operator is a comparison of a Choice rule. The operand has the type that
// follows from the operator's name; with a …Path variant it may have another.
type operator struct {
	kind  operandKind
	holds func(variable, operand any) bool
}

type operandKind int

const (
	boolOperand operandKind = iota
	numberOperand
	stringOperand
	timestampOperand
)

// operators by the name of the field, without the "Path" suffix that every
// comparison but StringMatches and the Is… tests may have.
var operators = map[string]operator{
	"IsNull":      {boolOperand, is(func(v any) bool { return v == nil })},
	"IsPresent":   {boolOperand, nil}, // needs the path, not the value: see compare
	"IsNumeric":   {boolOperand, is(isType[json.Number])},
	"IsString":    {boolOperand, is(isType[string])},
	"IsBoolean":   {boolOperand, is(isType[bool])},
	"IsTimestamp": {boolOperand, is(func(v any) bool { _, ok := timestamp(v); return ok })},

	"BooleanEquals": {boolOperand, func(v, operand any) bool { return isType[bool](v) && v == operand }},
	"StringMatches": {stringOperand, func(v, operand any) bool {
		s, isString := v.(string)
		pattern, ok := operand.(string)
		return isString && ok && matchesPattern(s, pattern)
	}},

	"StringEquals":            {stringOperand, compareStrings(equal)},
	"StringLessThan":          {stringOperand, compareStrings(less)},
	"StringGreaterThan":       {stringOperand, compareStrings(greater)},
	"StringLessThanEquals":    {stringOperand, compareStrings(atMost)},
	"StringGreaterThanEquals": {stringOperand, compareStrings(atLeast)},

	"NumericEquals":            {numberOperand, compareNumbers(equal)},
	"NumericLessThan":          {numberOperand, compareNumbers(less)},
	"NumericGreaterThan":       {numberOperand, compareNumbers(greater)},
	"NumericLessThanEquals":    {numberOperand, compareNumbers(atMost)},
	"NumericGreaterThanEquals": {numberOperand, compareNumbers(atLeast)},

	"TimestampEquals":            {timestampOperand, compareTimes(equal)},
	"TimestampLessThan":          {timestampOperand, compareTimes(less)},
	"TimestampGreaterThan":       {timestampOperand, compareTimes(greater)},
	"TimestampLessThanEquals":    {timestampOperand, compareTimes(atMost)},
	"TimestampGreaterThanEquals": {timestampOperand, compareTimes(atLeast)},
}

// takesPath says whether an operator has a …Path variant.
func takesPath(name string) bool { return !strings.HasPrefix(name, "Is") && name != "StringMatches" }

func equal(order int) bool   { return order == 0 }
func less(order int) bool    { return order < 0 }
func greater(order int) bool { return order > 0 }
func atMost(order int) bool  { return order <= 0 }
func atLeast(order int) bool { return order >= 0 }

func is(test func(any) bool) func(variable, operand any) bool {
	return func(v, wanted any) bool { return test(v) == wanted }
}

func isType[T any](v any) bool {
	_, ok := v.(T)
	return ok
}

func compareStrings(wanted func(int) bool) func(v, operand any) bool {
	return func(v, operand any) bool {
		a, okA := v.(string)
		b, okB := operand.(string)
		return okA && okB && wanted(strings.Compare(a, b))
	}
}

func compareNumbers(wanted func(int) bool) func(v, operand any) bool {
	return func(v, operand any) bool {
		a, okA := v.(json.Number)
		b, okB := operand.(json.Number)
		if !okA || !okB {
			return false
		}
		if i, errI := a.Int64(); errI == nil {
			if j, errJ := b.Int64(); errJ == nil {
				return wanted(cmp.Compare(i, j))
			}
		}
		x, errX := a.Float64()
		y, errY := b.Float64()
		return errX == nil && errY == nil && wanted(cmp.Compare(x, y))
	}
}

func compareTimes(wanted func(int) bool) func(v, operand any) bool {
	return func(v, operand any) bool {
		a, okA := timestamp(v)
		b, okB := timestamp(operand)
		return okA && okB && wanted(a.Compare(b))
	}
}

// timestamp reads an RFC 3339 time with an upper-case T, and Z or an offset.
func timestamp(v any) (time.Time, bool) {
	s, ok := v.(string)
	if !ok {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	return t, err == nil
}

// matchesPattern is StringMatches: "*" stands for any characters, "\*" for an
// asterisk and "\\" for a backslash.
func matchesPattern(s, pattern string) bool {
	var pieces []string
	var piece strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch {
		case pattern[i] == '\\' && i+1 < len(pattern):
			i++
			piece.WriteByte(pattern[i])
		case pattern[i] == '*':
			pieces = append(pieces, piece.String())
			piece.Reset()
		default:
			piece.WriteByte(pattern[i])
		}
	}
	last := piece.String()
	if len(pieces) == 0 {
		return s == last
	}
	s, ok := strings.CutPrefix(s, pieces[0])
	for _, p := range pieces[1:] {
		_, after, found := strings.Cut(s, p)
		s, ok = after, ok && found
	}
	return ok && strings.HasSuffix(s, last)
}

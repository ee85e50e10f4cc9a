// Package expr evaluates the JSONata expressions of the States Language.
package expr

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/xiatechs/jsonata-go"

	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

const (
	// maxLength bounds an expression, so that a hostile one cannot exhaust the
	// stack of the recursive parser.
	maxLength = 32 * 1024
	// maxLambdaCalls bounds one evaluation, so that it ends and its recursion
	// fits the stack.
	maxLambdaCalls = 50_000
	guardName      = "statesLambdaGuard"
)

var (
	// ErrUndefined says that an expression gave nothing.
	ErrUndefined = errors.New("returned nothing (undefined)")
	// ErrUnsupported says that an expression gave a function, which is no JSON.
	ErrUnsupported = errors.New("returned an unsupported result type")
)

// Source returns the expression inside "{% … %}"; false when text is no
// expression but a plain string.
func Source(text string) (string, bool) {
	if !Opens(text) || !strings.HasSuffix(text, "%}") || len(text) < len("{%%}") {
		return "", false
	}
	return strings.TrimSpace(text[2 : len(text)-2]), true
}

// Opens says whether text starts like an expression.
func Opens(text string) bool { return strings.HasPrefix(text, "{%") }

// Check says why source is no expression.
func Check(source string) error {
	_, err := compile(source)
	return err
}

func compile(source string) (compiled *jsonata.Expr, err error) {
	if len(source) > maxLength {
		return nil, fmt.Errorf("the expression is longer than %d characters", maxLength)
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the expression cannot be read: %v", r)
		}
	}()
	return jsonata.Compile(rewrite(source))
}

// Eval evaluates source with variables as its "$name" values. An error is
// ErrUndefined, ErrUnsupported or what went wrong inside the expression.
func Eval(source string, variables *jsonv.Object) (result any, err error) {
	if v, ok := direct(source, variables); ok {
		return v, nil
	}
	compiled, err := compile(source)
	if err != nil {
		return nil, err
	}
	defer func() {
		if r := recover(); r != nil {
			result, err = nil, fmt.Errorf("the expression cannot be evaluated: %v", r)
		}
	}()
	native := toNativeObject(variables)
	hide(native)
	if err := compiled.RegisterVars(native); err != nil {
		return nil, fmt.Errorf("variables: %w", err)
	}
	if err := compiled.RegisterExts(extensions()); err != nil {
		return nil, fmt.Errorf("functions: %w", err)
	}
	v, err := compiled.Eval(nil)
	if errors.Is(err, jsonata.ErrUndefined) {
		return nil, ErrUndefined
	}
	if err != nil {
		return nil, err
	}
	return fromResult(v)
}

var plainPath = regexp.MustCompile(`^\$[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$`)

// direct follows a plain path such as $states.input.order through objects
// without the library, which would lose the key order and the text of numbers.
func direct(source string, variables *jsonv.Object) (any, bool) {
	if !plainPath.MatchString(source) {
		return nil, false
	}
	var value any = variables
	for key := range strings.SplitSeq(source[1:], ".") {
		o, ok := value.(*jsonv.Object)
		if !ok {
			return nil, false
		}
		if value, ok = o.Get(key); !ok {
			return nil, false
		}
	}
	return value, true
}

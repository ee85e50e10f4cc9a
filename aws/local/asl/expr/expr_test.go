package expr_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/local/asl/expr"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

func variables(t testing.TB) *jsonv.Object {
	t.Helper()
	v, err := jsonv.Parse(`{"states":{"input":{"z":1.0,"a":null,"big":12345678901234567890,"list":[1,2,3],"one":[5],"none":[],
		"orders":[{"id":1,"total":10},{"id":2,"total":20}],"text":"a.b/c","1st":"odd"}},"v":7}`)
	if err != nil {
		t.Fatal(err)
	}
	return v.(*jsonv.Object)
}

func TestEval(t *testing.T) {
	for _, tt := range []struct{ source, want string }{
		{`$states.input.list`, `[1,2,3]`},
		{`$states.input.one`, `[5]`},
		{`$states.input.none`, `[]`},
		{`$states.input.a`, `null`},
		{`$states.input.a = null`, `true`},
		{`$exists($states.input.a)`, `true`},
		{`$exists($states.input.b)`, `false`},
		{`$states.input.orders.total`, `[10,20]`},
		{`$states.input.orders[id=2].total`, `20`},
		{`$sum($states.input.orders.total)`, `30`},
		{`$v + 1`, `8`},
		{`$v > 3 and 10/2/5 = 1`, `true`},
		{`null`, `null`},
		{`[null, {'a': null}]`, `[null,{"a":null}]`},
		{`{"n": 1e3, "f": 0.5}`, `{"f":0.5,"n":1000}`},
		{`$map($states.input.list, function($i) { $i * 2 })`, `[2,4,6]`},
		{`($f := function($n) { $n <= 1 ? 1 : $n * $f($n - 1) }; $f(5))`, `120`},
		{`($f := λ($n)<n:n>{ $n }; $f(5))`, `5`},
		{`$contains('abc', /b./)`, `true`},
		{`/* a "comment" */ 1`, `1`},
	} {
		got, err := expr.Eval(tt.source, variables(t))
		if err != nil || jsonv.Text(got) != tt.want {
			t.Errorf("%s = %s, %v; want %s", tt.source, jsonv.Text(got), err, tt.want)
		}
	}
}

func TestStringsSurviveTheLibrary(t *testing.T) {
	for _, tt := range []struct{ source, want string }{
		{`'Hello.' & 'x'`, `"Hello.x"`},
		{`'a/*b*/c'`, `"a/*b*/c"`},
		{`'function($x){' & $v & '}'`, `"function($x){7}"`},
		{`$states.input.text & "."`, `"a.b/c."`},
		{`$states.input."1st"`, `"odd"`},
		{"$states.input.`1st`", `"odd"`},
		{`'a\\b\n\u00e9"'`, `"a\\b\né\""`},
		{`'\/'`, `"/"`},
	} {
		got, err := expr.Eval(tt.source, variables(t))
		if err != nil || jsonv.Text(got) != tt.want {
			t.Errorf("%s = %s, %v; want %s", tt.source, jsonv.Text(got), err, tt.want)
		}
	}
}

func TestAPlainPathKeepsKeyOrderAndNumberText(t *testing.T) {
	got, err := expr.Eval(`$states.input`, variables(t))
	if err != nil || !strings.HasPrefix(jsonv.Text(got), `{"z":1.0,"a":null,"big":12345678901234567890,`) {
		t.Errorf("$states.input = %s, %v", jsonv.Text(got), err)
	}
}

func TestFunctionsOfStepFunctions(t *testing.T) {
	for _, tt := range []struct{ source, want string }{
		{`$partition([1,2,3,4], 3)`, `[[1,2,3],[4]]`},
		{`$range(0, 10, 5)`, `[0,5,10]`},
		{`$hash('input data', 'MD5')`, `"812f45842bc6d66ee14572ce20db8e86"`},
		{`$parse('{"b":[1,null],"a":true}')`, `{"a":true,"b":[1,null]}`},
		{`$random(3) = $random(3)`, `true`},
		{`$random() < 1`, `true`},
		{`$length($uuid())`, `36`},
	} {
		got, err := expr.Eval(tt.source, variables(t))
		if err != nil || jsonv.Text(got) != tt.want {
			t.Errorf("%s = %s, %v; want %s", tt.source, jsonv.Text(got), err, tt.want)
		}
	}
}

func TestWhatHasNoResult(t *testing.T) {
	for _, source := range []string{`$nope`, `$states.input.nope`, `$states.input.list.x`, `$`, `$$`} {
		if v, err := expr.Eval(source, variables(t)); !errors.Is(err, expr.ErrUndefined) {
			t.Errorf("%s = %s, %v; want undefined", source, jsonv.Text(v), err)
		}
	}
	for _, source := range []string{`$sum`, `$fn := function($x){$x}`, `{'f': $sum}`, `[$sum]`} {
		if v, err := expr.Eval(source, variables(t)); !errors.Is(err, expr.ErrUnsupported) {
			t.Errorf("%s = %s, %v; want unsupported", source, jsonv.Text(v), err)
		}
	}
}

func TestFailedEvaluations(t *testing.T) {
	for _, tt := range []struct{ source, reason string }{
		{`$eval('1+1')`, "$eval"},
		{`$sjoin('a')`, "$sjoin"},
		{`1/0`, "out of range"},
		{`$number('x')`, "x"},
		{`'a' + 1`, "number"},
		{`$parse('{')`, "end-of-input"},
		{`$range(0, 5000, 1)`, "1000 items"},
		{`$partition([1], 0)`, "positive integer"},
		{`$error('mine')`, "mine"},
	} {
		_, err := expr.Eval(tt.source, variables(t))
		if err == nil || errors.Is(err, expr.ErrUndefined) || !strings.Contains(err.Error(), tt.reason) {
			t.Errorf("%s: %v, want %q", tt.source, err, tt.reason)
		}
	}
}

func TestRunawayRecursionEnds(t *testing.T) {
	for _, source := range []string{
		`($f := function(){ $f() }; $f())`,
		`($f := function($g){ $g($g) }; $f($f))`,
		`($f := λ($n)<n:n> { $f($n + 1) }; $f(0))`,
	} {
		if _, err := expr.Eval(source, variables(t)); err == nil || !strings.Contains(err.Error(), "function calls") {
			t.Errorf("%s: %v", source, err)
		}
	}
}

func TestSource(t *testing.T) {
	for _, tt := range []struct {
		text, want string
		ok         bool
	}{
		{`{% $a %}`, `$a`, true},
		{`{%$a%}`, `$a`, true},
		{`{%%}`, ``, true},
		{`{%}`, ``, false},
		{`x {% $a %}`, ``, false},
		{`{% $a %} x`, ``, false},
		{`plain`, ``, false},
	} {
		if got, ok := expr.Source(tt.text); got != tt.want || ok != tt.ok {
			t.Errorf("Source(%q) = %q, %v", tt.text, got, ok)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, source := range []string{`$states.input.x`, `1 + 1`, `$f(1)`} {
		if err := expr.Check(source); err != nil {
			t.Errorf("Check(%s): %v", source, err)
		}
	}
	for _, source := range []string{``, `1 +`, `(`, `$states.input[`, strings.Repeat("-", 40_000) + "1"} {
		if err := expr.Check(source); err == nil {
			t.Errorf("Check(%.20s) accepted", source)
		}
	}
}

func FuzzEval(f *testing.F) {
	for _, source := range []string{
		`$states.input.orders[id=1]`, `($f := function($x){$f($x)}; $f(1))`, `'a.' & "b" /* c */`, `$map([1..3], λ($i){$i/2})`, `{"a": $v}^(>a)`, `$v ~> |$|{'x':1}|`,
	} {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 200 {
			return // long expressions find nothing that short ones do not
		}
		v, err := expr.Eval(source, variables(t))
		if err == nil {
			if _, err := jsonv.Parse(jsonv.Text(v)); err != nil {
				t.Fatalf("%s gave %s, which is no JSON", source, jsonv.Text(v))
			}
		}
	})
}

package intrinsics_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/local/asl/intrinsics"
	"github.com/stepdeck/stepdeck/aws/local/asl/paths"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// eval calls text with "$" being the JSON input.
func eval(text, input string) (any, error) {
	value, err := jsonv.Parse(input)
	if err != nil {
		return nil, err
	}
	call, err := intrinsics.Parse(text)
	if err != nil {
		return nil, err
	}
	return call.Eval(func(p paths.Path) (any, error) { return p.Get(value) })
}

func TestFunctions(t *testing.T) {
	const input = `{"s":"txt","n":3,"f":2.6,"list":[1,2,3,4,5],"mixed":[1,1.0,"1",null,null,{"a":1,"b":2},{"b":2,"a":1}],
		"o":{"Arg1":1,"Arg2":[]},"p":{"Arg2":"x","z":true},"csv":",a,,b;c,","digest":"SHA-256","json":"{\"a\": [1.0]}"}`
	for _, tt := range []struct{ call, want string }{
		{`States.Array()`, `[]`},
		{`States.Array($.s, 1, 'x', true, null, -2.5)`, `["txt",1,"x",true,null,-2.5]`},
		{`States.ArrayPartition($.list, 2)`, `[[1,2],[3,4],[5]]`},
		{`States.ArrayPartition($.list, 9)`, `[[1,2,3,4,5]]`},
		{`States.ArrayContains($.list, 5)`, `true`},
		{`States.ArrayContains($.list, '5')`, `false`},
		{`States.ArrayContains($.mixed, $.o)`, `false`},
		{`States.ArrayRange(1, 9, 2)`, `[1,3,5,7,9]`},
		{`States.ArrayRange(3, 0, -1)`, `[3,2,1,0]`},
		{`States.ArrayRange(1, 9, 9)`, `[1]`},
		{`States.ArrayGetItem($.list, 4)`, `5`},
		{`States.ArrayLength($.list)`, `5`},
		{`States.ArrayUnique($.mixed)`, `[1,"1",null,{"a":1,"b":2}]`},
		{`States.Base64Encode('Data to encode')`, `"RGF0YSB0byBlbmNvZGU="`},
		{`States.Base64Decode('RGF0YSB0byBlbmNvZGU=')`, `"Data to encode"`},
		{`States.Hash('input data', 'MD5')`, `"812f45842bc6d66ee14572ce20db8e86"`},
		{`States.Hash('', 'SHA-1')`, `"da39a3ee5e6b4b0d3255bfef95601890afd80709"`},
		{`States.Hash('', $.digest)`, `"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"`},
		{`States.JsonMerge($.o, $.p, false)`, `{"Arg1":1,"Arg2":"x","z":true}`},
		{`States.StringToJson($.json)`, `{"a":[1.0]}`},
		{`States.StringToJson('')`, `null`},
		{`States.StringToJson(' ')`, `null`},
		{`States.JsonToString($.o)`, `"{\"Arg1\":1,\"Arg2\":[]}"`},
		{`States.MathAdd($.n, -1)`, `2`},
		{`States.MathAdd($.f, 1)`, `4`},
		{`States.StringSplit($.csv, ',')`, `["a","b;c"]`},
		{`States.StringSplit($.csv, ',;')`, `["a","b","c"]`},
		{"States.StringSplit('Hello\nWorld', '\n')", `["Hello","World"]`},
		{`States.Format('n={} f={} o={}', $.n, $.f, $.o)`, `"n=3 f=2.6 o={Arg1=1, Arg2=[]}"`},
		{`States.Format('\{\} \'{}\' \\', null)`, `"{} 'null' \\"`},
		{`States.Format($.s)`, `"txt"`},
		{`States.ArrayGetItem(States.StringSplit('a-b', '-'), States.ArrayLength(States.Array(1)))`, `"b"`},
		{`States.ArrayLength($.list[?(@ > 2)])`, `3`},
		{`States.Array($['s'], $.list[1:3])`, `["txt",[2,3]]`},
	} {
		got, err := eval(tt.call, input)
		if err != nil || jsonv.Text(got) != tt.want {
			t.Errorf("%s = %s, %v; want %s", tt.call, jsonv.Text(got), err, tt.want)
		}
	}
}

func TestFailuresNameTheWholeCallAndTheReason(t *testing.T) {
	for _, tt := range []struct{ call, reason string }{
		{`States.ArrayGetItem($.list, 3)`, "index 3 is out of bounds"},
		{`States.ArrayGetItem($.list, -1)`, "index -1 is out of bounds"},
		{`States.ArrayLength('x')`, "argument 1 must be an array"},
		{`States.ArrayPartition($.list, 0)`, "positive integer"},
		{`States.ArrayRange(0, 1000, 1)`, "more than 1000 items"},
		{`States.ArrayRange(0, 1, 0)`, "step must not be 0"},
		{`States.MathAdd('1', 2)`, "argument 1 must be a number"},
		{`States.MathRandom(5, 5)`, "must be greater"},
		{`States.Base64Decode('*')`, "not Base64"},
		{`States.Base64Encode($.long)`, "at most 10000"},
		{`States.Hash('x', 'CRC')`, "must be one of MD5"},
		{`States.JsonMerge($.o, $.o, true)`, "only shallow"},
		{`States.JsonMerge($.o, $.list, false)`, "argument 2 must be an object"},
		{`States.StringToJson('{')`, "not JSON"},
		{`States.Format('{} {}', 1)`, "more {}"},
		{`States.Format('{}', 1, 2)`, "2 arguments"},
		{`States.Array(States.ArrayLength($.nope))`, "No results for path"},
	} {
		_, err := eval(tt.call, `{"list":[1,2,3],"o":{},"long":"`+strings.Repeat("x", 10001)+`"}`)
		var failed *intrinsics.CallError
		if !errors.As(err, &failed) || failed.Call != tt.call || !strings.Contains(err.Error(), tt.reason) {
			t.Errorf("%s: %v, want %q", tt.call, err, tt.reason)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, call := range []string{
		`States.Nope()`, `States.Array(`, `States.Array('x`, `States.Array('x') y`, `States.Array(1 2)`, `States.Array("x")`, `States.Array({})`,
		`States.ArrayLength()`, `States.MathAdd(1)`, `States.UUID(1)`, `States.Array(States.Nope())`, `States.Array($.[)`, `States.`,
		`States.StringToJson('{"text":"An \"escaped double quote\" here"}')`, `States.Format('a \n b')`,
		strings.Repeat("States.Array(", 11) + strings.Repeat(")", 11),
	} {
		if _, err := intrinsics.Parse(call); err == nil {
			t.Errorf("Parse(%s) accepted", call)
		}
	}
	nested := strings.Repeat("States.Array(", 10) + strings.Repeat(")", 10)
	if _, err := intrinsics.Parse(nested); err != nil {
		t.Errorf("ten nested calls: %v", err)
	}
}

func TestRandomNumbersStayInTheirRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.Int64Range(-1<<40, 1<<40).Draw(t, "first")
		end := first + rapid.Int64Range(1, 1<<40).Draw(t, "width")
		v, err := eval(fmt.Sprintf("States.MathRandom(%d, %d)", first, end), `{}`)
		n, _ := v.(json.Number)
		got, parseErr := n.Int64()
		if err != nil || parseErr != nil || got < first || got >= end {
			t.Fatalf("MathRandom(%d, %d) = %v, %v", first, end, v, err)
		}
	})
}

func TestASeedRepeatsTheRandomNumber(t *testing.T) {
	first, err := eval(`States.MathRandom(0, 1000000, 42)`, `{}`)
	again, _ := eval(`States.MathRandom(0, 1000000, 42)`, `{}`)
	other, _ := eval(`States.MathRandom(0, 1000000, 43)`, `{}`)
	if err != nil || first != again || first == other {
		t.Errorf("seed 42 gave %v and %v (%v), seed 43 %v", first, again, err, other)
	}
}

func TestUUIDsAreVersion4AndDiffer(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	a, _ := eval(`States.UUID()`, `{}`)
	b, _ := eval(`States.UUID()`, `{}`)
	if id, _ := a.(string); !form.MatchString(id) || a == b {
		t.Errorf("UUIDs %v and %v", a, b)
	}
}

func TestPartitionsPutTogetherAreTheList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		length, size := rapid.IntRange(0, 50).Draw(t, "length"), rapid.IntRange(1, 60).Draw(t, "size")
		list := []any{}
		for i := range length {
			list = append(list, jsonv.Number(float64(i)))
		}
		v, err := eval(fmt.Sprintf("States.ArrayPartition($, %d)", size), jsonv.Text(list))
		if err != nil {
			t.Fatal(err)
		}
		together := []any{}
		for _, part := range v.([]any) {
			if n := len(part.([]any)); n == 0 || n > size {
				t.Fatalf("a part of %d items, size %d", n, size)
			}
			together = append(together, part.([]any)...)
		}
		if !jsonv.Equal(together, list) {
			t.Fatalf("%s cut into %s", jsonv.Text(list), jsonv.Text(v))
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, call := range []string{
		`States.Format('{} \{', $.a)`, `States.Array(States.UUID(), $$.x[?(@.y == ')')], -1.5e3)`, `States.MathAdd(1, 99999999999999999999)`,
		`States.ArrayRange(-9e18, 9e18, 1)`, `States.MathRandom(-9e18, 9e18)`, `States.JsonMerge($, $, false)`,
	} {
		f.Add(call)
	}
	value, _ := jsonv.Parse(`{"a":[1,"x",null],"o":{}}`)
	f.Fuzz(func(t *testing.T, text string) {
		call, err := intrinsics.Parse(text)
		if err != nil {
			return
		}
		v, err := call.Eval(func(p paths.Path) (any, error) { return p.Get(value) })
		if err == nil {
			if _, err := jsonv.Parse(jsonv.Text(v)); err != nil {
				t.Fatalf("%s gave %s, which is no JSON", text, jsonv.Text(v))
			}
		}
	})
}

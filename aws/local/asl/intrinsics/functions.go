package intrinsics

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/asl/builtin"
	"github.com/stepdeck/stepdeck/aws/local/ids"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

const (
	maxText    = 10000
	formatName = "States.Format"
)

// function takes min to max arguments; max -1 is no limit.
type function struct {
	min, max int
	run      func(values) (any, error)
}

var functions = map[string]function{
	formatName:              {1, -1, nil}, // needs the literal as written: see format
	"States.Array":          {0, -1, func(v values) (any, error) { return append([]any{}, v...), nil }},
	"States.ArrayPartition": {2, 2, arrayPartition},
	"States.ArrayContains":  {2, 2, arrayContains},
	"States.ArrayRange":     {3, 3, arrayRange},
	"States.ArrayGetItem":   {2, 2, arrayGetItem},
	"States.ArrayLength":    {1, 1, arrayLength},
	"States.ArrayUnique":    {1, 1, arrayUnique},
	"States.Base64Encode":   {1, 1, base64Encode},
	"States.Base64Decode":   {1, 1, base64Decode},
	"States.Hash":           {2, 2, hash},
	"States.JsonMerge":      {3, 3, jsonMerge},
	"States.StringToJson":   {1, 1, stringToJSON},
	"States.JsonToString":   {1, 1, func(v values) (any, error) { return jsonv.Text(v[0]), nil }},
	"States.MathRandom":     {2, 3, mathRandom},
	"States.MathAdd":        {2, 2, mathAdd},
	"States.StringSplit":    {2, 2, stringSplit},
	"States.UUID":           {0, 0, func(values) (any, error) { return ids.UUID(), nil }},
}

func number(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

func arrayPartition(v values) (any, error) {
	list, err := v.list()
	if err != nil {
		return nil, err
	}
	size, err := v.integer(1)
	if err != nil {
		return nil, err
	}
	return builtin.Partition(list, float64(size))
}

func contains(list []any, item any) bool {
	for _, v := range list {
		if jsonv.Equal(v, item) {
			return true
		}
	}
	return false
}

func arrayContains(v values) (any, error) {
	list, err := v.list()
	if err != nil {
		return nil, err
	}
	return contains(list, v[1]), nil
}

func arrayRange(v values) (any, error) {
	var bounds [3]int64
	for i := range bounds {
		n, err := v.integer(i)
		if err != nil {
			return nil, err
		}
		bounds[i] = n
	}
	numbers, err := builtin.Range(float64(bounds[0]), float64(bounds[1]), float64(bounds[2]))
	if err != nil {
		return nil, err
	}
	list := []any{}
	for _, n := range numbers {
		list = append(list, number(int64(n)))
	}
	return list, nil
}

func arrayGetItem(v values) (any, error) {
	list, err := v.list()
	if err != nil {
		return nil, err
	}
	i, err := v.integer(1)
	if err != nil {
		return nil, err
	}
	if i < 0 || i >= int64(len(list)) {
		return nil, fmt.Errorf("the index %d is out of bounds for an array of %d items", i, len(list))
	}
	return list[i], nil
}

func arrayLength(v values) (any, error) {
	list, err := v.list()
	if err != nil {
		return nil, err
	}
	return number(int64(len(list))), nil
}

func arrayUnique(v values) (any, error) {
	list, err := v.list()
	if err != nil {
		return nil, err
	}
	unique := []any{}
	for _, item := range list {
		if !contains(unique, item) {
			unique = append(unique, item)
		}
	}
	return unique, nil
}

func base64Encode(v values) (any, error) {
	s, err := v.shortText(0)
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.EncodeToString([]byte(s)), nil
}

func base64Decode(v values) (any, error) {
	s, err := v.shortText(0)
	if err != nil {
		return nil, err
	}
	data, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("argument 1 is not Base64: %w", err)
	}
	return strings.ToValidUTF8(string(data), "\uFFFD"), nil
}

func hash(v values) (any, error) {
	s, err := v.shortText(0)
	if err != nil {
		return nil, err
	}
	algorithm, err := v.text(1)
	if err != nil {
		return nil, err
	}
	return builtin.Hash(s, algorithm)
}

func jsonMerge(v values) (any, error) {
	first, err := v.object(0)
	if err != nil {
		return nil, err
	}
	second, err := v.object(1)
	if err != nil {
		return nil, err
	}
	if deep, ok := v[2].(bool); !ok || deep {
		return nil, errors.New("the third argument must be false: only shallow merging is supported")
	}
	merged := first.Copy()
	for _, key := range second.Keys() {
		item, _ := second.Get(key)
		merged.Set(key, item)
	}
	return merged, nil
}

func stringToJSON(v values) (any, error) {
	s, err := v.text(0)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	parsed, err := jsonv.Parse(s)
	if err != nil {
		return nil, fmt.Errorf("argument 1 is not JSON: %w", err)
	}
	return parsed, nil
}

func mathRandom(v values) (any, error) {
	var bounds [3]int64
	for i := range v {
		n, err := v.integer(i)
		if err != nil {
			return nil, err
		}
		bounds[i] = n
	}
	first, end := bounds[0], bounds[1]
	if first >= end {
		return nil, fmt.Errorf("the end %d of the range must be greater than its start %d", end, first)
	}
	width := uint64(end) - uint64(first)
	if len(v) == 3 {
		seeded := rand.New(rand.NewPCG(uint64(bounds[2]), 0)) // a seed is to give the same number again
		return number(int64(uint64(first) + seeded.Uint64N(width))), nil
	}
	return number(int64(uint64(first) + rand.Uint64N(width))), nil // data, no secret
}

func mathAdd(v values) (any, error) {
	a, err := v.integer(0)
	if err != nil {
		return nil, err
	}
	b, err := v.integer(1)
	if err != nil {
		return nil, err
	}
	return number(a + b), nil
}

// stringSplit cuts at every character of the delimiters and leaves empty parts
// out (AWS: States.StringSplit).
func stringSplit(v values) (any, error) {
	s, err := v.text(0)
	if err != nil {
		return nil, err
	}
	delimiters, err := v.text(1)
	if err != nil {
		return nil, err
	}
	list := []any{}
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(delimiters, r) }) {
		list = append(list, part)
	}
	return list, nil
}

package expr

import (
	"fmt"
	"math/rand/v2"
	"reflect"

	"github.com/xiatechs/jsonata-go"
	"github.com/xiatechs/jsonata-go/jtypes"

	"github.com/stepdeck/stepdeck/aws/local/asl/builtin"
	"github.com/stepdeck/stepdeck/aws/local/ids"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// hide makes the library's own inventions, and $eval, which AWS does not
// offer, undefined unless a variable has the name.
func hide(variables map[string]any) {
	for _, name := range []string{
		"eval", "objmerge", "sjoin", "unescape", "hashmd5", "hash256", "dateTimeDim", "dateTimeDimLite", "timeSince",
		"objectsToDocument", "oneToManyJoin", "accumulatingSlice", "renameKeys",
	} {
		if _, ok := variables[name]; !ok {
			variables[name] = nil
		}
	}
}

// extensions are the functions Step Functions adds to JSONata, and the guard.
func extensions() map[string]jsonata.Extension {
	calls := 0
	guard := func() bool {
		calls++
		if calls > maxLambdaCalls {
			// Not an error: the library adds text to one at every level, which
			// takes minutes at this depth. Eval recovers.
			panic(fmt.Sprintf("more than %d function calls in one evaluation", maxLambdaCalls))
		}
		return true
	}
	return map[string]jsonata.Extension{
		guardName:   {Func: guard},
		"partition": {Func: partition},
		"range":     {Func: builtin.Range},
		"hash":      {Func: hash},
		"random":    {Func: random},
		"uuid":      {Func: ids.UUID},
		"parse":     {Func: parse},
	}
}

func partition(list any, size float64) ([]any, error) {
	items := reflect.ValueOf(list)
	if items.Kind() != reflect.Slice {
		return nil, fmt.Errorf("the first argument must be an array")
	}
	copied := make([]any, items.Len())
	for i := range copied {
		copied[i] = items.Index(i).Interface()
	}
	return builtin.Partition(copied, size)
}

func hash(text string, algorithm jtypes.OptionalString) (string, error) {
	if algorithm.IsSet() {
		return builtin.Hash(text, algorithm.String)
	}
	return builtin.Hash(text, "SHA-1")
}

func random(seed jtypes.OptionalFloat64) float64 {
	if seed.IsSet() {
		return rand.New(rand.NewPCG(uint64(int64(seed.Float64)), 0)).Float64() // a seed is to give the same number again
	}
	return rand.Float64() // data, no secret
}

func parse(text string) (any, error) {
	v, err := jsonv.Parse(text)
	if err != nil {
		return nil, err
	}
	return toNative(v), nil
}

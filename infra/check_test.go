package infra_test

import (
	"testing"

	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/infra"
)

func TestDefinitionsPassTheService(t *testing.T) {
	for _, c := range []struct {
		machine string
		values  map[string]string
		express bool
	}{{infra.Run, runValues, false}, {infra.Reap, reapValues, true}} {
		text, err := infra.Definition(c.machine, c.values)
		if err != nil {
			t.Fatal(err)
		}
		for _, problem := range asl.Check(text, c.express) {
			t.Errorf("%s: %+v", c.machine, problem)
		}
	}
}

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParametersAreReadFromEveryForm(t *testing.T) {
	want := map[string]string{"TaskMemory": "1024", "SubnetIds": "subnet-1,subnet-2"}
	for name, text := range map[string]string{
		"p.json": `{"TaskMemory": 1024, "SubnetIds": ["subnet-1", "subnet-2"]}`,
		"a.json": `[{"ParameterKey": "TaskMemory", "ParameterValue": "1024"}, {"ParameterKey": "SubnetIds", "ParameterValue": "subnet-1,subnet-2"}]`,
		"p.toml": "TaskMemory = 1024\nSubnetIds = [\"subnet-1\", \"subnet-2\"]\n",
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f := stackFlags{name: "dumps", file: path}
		got, err := f.request()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got.Parameters); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWhatIsWrongInAFileOfParametersIsToldWithItsPlaceAndAnExampleOfItsForm(t *testing.T) {
	toml, object, aws := "TaskMemory = 1024", `{"TaskMemory": "1024"`, `[{"ParameterKey": "TaskMemory"`
	for text, c := range map[string]struct{ file, want, example string }{
		"TaskCpu = 256\nTaskMemory 1024\n":                  {"p.toml", ":2:12: expected", toml},
		"TaskCpu = 256\nTaskCpu = 512\n":                    {"p.toml", ":2:1: ", toml},
		"TaskCpu = 256\n  TaskMemory = {nested = 1}\n":      {"p.toml", ":2:3: TaskMemory: a parameter is a text", toml},
		"TaskCpu = 256\n\n[TaskMemory]\nnested = 1\n":       {"p.toml", ":3:2: TaskMemory: a parameter is a text", toml},
		"SubnetIds = [[\"subnet-1\"]]\n":                    {"p.toml", ":1:1: SubnetIds: a list in a list", toml},
		"{\n  \"Ä\": 1, \"TaskMemory\": {\"nested\": 1}\n}": {"p.json", ":2:25: TaskMemory: a parameter is a text", object},
		"{\n  \"TaskMemory\": 1024,\n}":                     {"p.json", ":3:1: invalid character", object},
		"{\"TaskMemory\": 1024} {}":                         {"p.json", ":1:22: invalid character", object},
		"{\"TaskMemory\": 1024":                             {"p.json", ":1:19: unexpected end", object},
		"{\"TaskMemory\": 1024,\n \"TaskMemory\": 512}":     {"p.json", ":2:2: TaskMemory is there twice", object},
		"1024":             {"p.json", ":1:1: the file holds no object", object},
		"TaskMemory: 1024": {"p.yaml", ":1:1: invalid character", object},
		"":                 {"p.json", ":1:1: unexpected end", object},
		"[{\"ParameterKey\": \"A\"},\n {\"ParameterValue\": \"1\"}]":                               {"p.json", ":2:2: an entry without ParameterKey", aws},
		"[{\"ParameterKey\": \"A\"},\n {\"ParameterKey\": \"A\"}]":                                 {"p.json", ":2:2: A is there twice", aws},
		"[{\"ParameterKey\": \"A\"},\n {\"ParameterKey\": \"TaskMemory\", \"ParameterValue\": 1}]": {"p.json", ":2:2: an entry whose ParameterValue is a number", aws},
		"[1]": {"p.json", ":1:2: an entry is a number", aws},
	} {
		w := newWorld(t)
		path := filepath.Join(t.TempDir(), c.file)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		o := w.run(t, "", "stack", "plan", "--parameters-file", path)
		exitsWith(t, o, exitUsage)
		has(t, o.err, "--parameters-file: "+path+c.want, "next: write it as "+c.example)
	}
}

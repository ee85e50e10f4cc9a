package workflow_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/workflow"
)

func TestInputIsBuiltOverAnotherRunsInput(t *testing.T) {
	o := workflow.Overrides{Args: []string{"dump", "a<b"}, Env: map[string]string{"B": "2"}, Memory: 2048, CPU: 512, Timeout: 2 * time.Hour, Capacity: "spot", Overlap: "skip"}
	for name, c := range map[string]struct{ base, want string }{
		"nothing": {"", `{"args":["dump","a<b"],"capacity":"spot","cpu":512,"env":{"B":"2"},"memory":2048,"overlap":"skip","timeoutSeconds":7200}`},
		"a clone": {
			`{"args":["old"],"env":{"A":1,"B":"x"},"extra":12345678901234567890}`,
			`{"args":["dump","a<b"],"capacity":"spot","cpu":512,"env":{"A":1,"B":"2"},"extra":12345678901234567890,"memory":2048,"overlap":"skip","timeoutSeconds":7200}`,
		},
	} {
		got, err := o.Input(c.base)
		if err != nil || got != c.want {
			t.Errorf("%s:\ngot  %s (%v)\nwant %s", name, got, err, c.want)
		}
	}
	for _, base := range []string{"[1]", "null", `{"env":[]}`, "{"} {
		if got, err := o.Input(base); err == nil {
			t.Errorf("over %s: %s, want a refusal", base, got)
		}
	}
}

// What is read out of an input builds the same input again.
func TestOverridesSurviveTheInput(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := workflow.Overrides{
			Args: rapid.SliceOfN(rapid.String(), 1, 4).Draw(t, "args"), Env: rapid.MapOfN(rapid.StringN(1, 8, -1), rapid.String(), 1, 4).Draw(t, "env"),
			Capacity: rapid.SampledFrom([]string{"", "spot", "fargate"}).Draw(t, "capacity"), Memory: rapid.IntRange(0, 9999).Draw(t, "memory"),
			Timeout: time.Duration(rapid.IntRange(0, 9999).Draw(t, "timeout")) * time.Second,
		}
		input, err := o.Input("")
		if err != nil {
			t.Fatal(err)
		}
		if back := workflow.OverridesOf(input); !reflect.DeepEqual(back, o) {
			t.Fatalf("%s reads as %+v, was %+v", input, back, o)
		}
	})
}

func TestRefusalsNameTheFieldAndWhatWouldDo(t *testing.T) {
	for _, c := range []struct {
		o     workflow.Overrides
		field string
		says  string
	}{
		{workflow.Overrides{Capacity: "cheap"}, "capacity", "spot, fargate"},
		{workflow.Overrides{Overlap: "x"}, "overlap", "skip, wait, allow"},
		{workflow.Overrides{CPU: 300}, "cpu", "nearest: 256, 512"},
		{workflow.Overrides{CPU: 99999}, "cpu", "nearest: 16384"},
		{workflow.Overrides{CPU: 256, Memory: 4096}, "memory", "nearest: 2048; or keep 4096 MiB with cpu 512, 1024, 2048"},
		{workflow.Overrides{CPU: 8192, Memory: 17000}, "memory", "nearest: 16384, 20480"},
		{workflow.Overrides{Memory: 100}, "memory", "nearest: 512"},
		{workflow.Overrides{Timeout: time.Second}, "timeoutSeconds", "from 2"},
		{workflow.Overrides{Timeout: 1500 * time.Millisecond}, "timeoutSeconds", "whole number"},
		{workflow.Overrides{Env: map[string]string{"TASK_TOKEN": "x"}}, "env", "belongs to the entrypoint"},
		{workflow.Overrides{Env: map[string]string{"A=B": "x"}}, "env", "letters, digits"},
		{workflow.Overrides{Env: map[string]string{"A B": "x"}}, "env", `"A B" is no name`},
		{workflow.Overrides{Env: map[string]string{"1A": "x"}}, "env", "no digit first"},
		{workflow.Overrides{Env: map[string]string{"É": "x"}}, "env", "is no name"},
	} {
		bad := c.o.Check()
		if len(bad) != 1 || bad[0].Field != c.field || !strings.Contains(bad[0].Reason, c.says) {
			t.Errorf("%+v: %v, want %s: …%s…", c.o, bad, c.field, c.says)
		}
	}
	good := workflow.Overrides{Capacity: "fargate", Overlap: "wait", CPU: 16384, Memory: 122880, Timeout: time.Hour, Env: map[string]string{"A": "", "spring.datasource-url_2": "x"}}
	if bad := good.Check(); len(bad) != 0 {
		t.Errorf("refused %v", bad)
	}
	if both := (workflow.Overrides{Capacity: "x", CPU: 1}).Check(); len(both) != 2 {
		t.Errorf("told %d of 2 mistakes", len(both))
	}
}

func TestEnvPairs(t *testing.T) {
	env, err := workflow.ParseEnv([]string{"A=1", "URL=http://x?a=b", "EMPTY="})
	if err != nil || !reflect.DeepEqual(env, map[string]string{"A": "1", "URL": "http://x?a=b", "EMPTY": ""}) {
		t.Errorf("got %v (%v)", env, err)
	}
	if _, err := workflow.ParseEnv([]string{"A"}); err == nil || !strings.Contains(err.Error(), `"A" is not NAME=VALUE`) {
		t.Errorf("got %v", err)
	}
}

func TestPreviewCountsWhatECSCounts(t *testing.T) {
	p := workflow.Overrides{Args: []string{"dump"}, Env: map[string]string{"A": "ü"}, CPU: 512}.Preview("job")
	var sent struct {
		ContainerOverrides []struct {
			Name        string
			Command     []string
			Environment []struct{ Name, Value string }
		}
		CPU string
	}
	if err := json.Unmarshal([]byte(p.JSON), &sent); err != nil {
		t.Fatal(err)
	}
	c := sent.ContainerOverrides[0]
	if c.Name != "job" || c.Command[0] != "dump" || c.Environment[0].Name != "TASK_TOKEN" || c.Environment[1].Value != "ü" || sent.CPU != "512" {
		t.Errorf("preview %s", p.JSON)
	}
	if min := utf8.RuneCountInString(p.JSON) + workflow.PlannedToken; p.Estimated < min || !p.Fits() {
		t.Errorf("estimated %d, want at least %d and to fit", p.Estimated, min)
	}
	big := workflow.Overrides{Env: map[string]string{"BLOB": strings.Repeat("x", 7200)}}.Preview("job")
	if big.Fits() {
		t.Errorf("%d characters are said to fit", big.Estimated)
	}
}

func TestInputIsCheckedAsAWSDoes(t *testing.T) {
	for input, want := range map[string]string{
		`{}`: "", `null`: "", `3`: "", `"x"`: "", ` [1, 2]` + "\n": "",
		"":                        "line 1, column 1",
		"{\n  \"a\": 1,\n  b: 2}": "line 3, column 3",
		"{\"ü\": tru}":            "line 1, column 10",
		`{"a":1`:                  "line 1, column 7",
		`{} x`:                    "line 1, column 4",
		"\"\xff\"":                "UTF-8",
		`"` + strings.Repeat("x", workflow.MaxInput) + `"`: "262146 bytes",
	} {
		err := workflow.CheckInput(input)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.40q: %v, want %q", input, err, want)
		}
	}
}

func TestRunNames(t *testing.T) {
	for name, ok := range map[string]bool{
		"2026-11-23-orders": true, "größe_1.2(a)": true, strings.Repeat("x", 80): true, strings.Repeat("x", 81): false, "": false,
		"a b": false, "a/b": false, "a:b": false, "a\tb": false, "a*": false, "a\u0085b": false, "a'b": true, "a$b": false, "a\xffb": false,
	} {
		if err := workflow.CheckRunName(name); (err == nil) != ok {
			t.Errorf("%.20q: %v", name, err)
		}
	}
	if got := workflow.MakeRunName([]string{"mysql-dump", "--all", "/data/orders.sql", "x"}, start, "a1b2"); got != "mysql-dump-orders.sql-20261123-020000-a1b2" {
		t.Errorf("made %s", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		name := workflow.MakeRunName(rapid.SliceOf(rapid.String()).Draw(t, "args"), start, "a1b2")
		if err := workflow.CheckRunName(name); err != nil {
			t.Fatalf("made %q: %v", name, err)
		}
	})
}

func TestARNsAndSelectors(t *testing.T) {
	run := "arn:aws:states:eu-west-1:123456789012:execution:dumps:2026-11-23"
	machine := "arn:aws:states:eu-west-1:123456789012:stateMachine:dumps"
	if got := workflow.MachineARNOf(run); got != machine {
		t.Errorf("machine of the run: %s", got)
	}
	if got := workflow.RunARNOf(machine+":PROD", "2026-11-23"); got != run {
		t.Errorf("run of an alias: %s", got)
	}
	if workflow.MachineName(run) != "dumps" || workflow.RunName(run) != "2026-11-23" {
		t.Error("names in the ARN")
	}
	for text, kind := range map[string]workflow.SelectorKind{"@latest": workflow.Latest, "@failed": workflow.LastFailed, run: workflow.ByARN, "orders": workflow.ByName} {
		s, err := workflow.ParseSelector(text)
		if err != nil || s.Kind != kind || s.String() != text {
			t.Errorf("%s: %+v (%v)", text, s, err)
		}
	}
	for _, text := range []string{"", "@first", machine} {
		if s, err := workflow.ParseSelector(text); err == nil {
			t.Errorf("%q is read as %+v", text, s)
		}
	}
	for text, want := range map[string]workflow.Status{"failed": workflow.Failed, "timed-out": workflow.TimedOut, "RUNNING": workflow.Running} {
		if got, ok := workflow.ParseStatus(text); !ok || got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
	if _, ok := workflow.ParseStatus("broken"); ok {
		t.Error("broken is read as a status")
	}
}

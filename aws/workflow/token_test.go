package workflow_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// awsToken has the shape and length of a real one, with padding in the middle.
var awsToken = "AQCAAAAAKgAAAAMAAAAA" + strings.Repeat("x7/+Q", 60) + "==" + strings.Repeat("b9Kz", 80) + "Z3n9=="

func TestTokenNeverPrintsItself(t *testing.T) {
	token := workflow.NewToken(awsToken)
	encoded, err := json.Marshal(map[string]any{"token": token})
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("answer", "token", token)
	for name, out := range map[string]string{
		"%v": fmt.Sprintf("%v", token), "%+v": fmt.Sprintf("%+v", struct{ T workflow.Token }{token}), "%#v": fmt.Sprintf("%#v", token),
		"%s": fmt.Sprint(token), "JSON": string(encoded), "log": logged.String(),
	} {
		if strings.Contains(out, awsToken[10:40]) || !strings.Contains(out, "…Z3n9==") {
			t.Errorf("%s prints %s", name, out)
		}
	}
	if token.Reveal() != awsToken {
		t.Error("Reveal does not give the token")
	}
	if short := workflow.NewToken("secret-of-20-chars.."); strings.Contains(short.String(), "chars") {
		t.Errorf("a short token shows its end: %s", short)
	}
}

func TestMaskTokensInAnyText(t *testing.T) {
	got := workflow.MaskTokens(`{"Name":"TASK_TOKEN","Value":"` + awsToken + `"},{"Value":"AQ"}`)
	if want := `{"Name":"TASK_TOKEN","Value":"…Z3n9=="},{"Value":"AQ"}`; got != want {
		t.Errorf("got %s", got)
	}
}

func TestTokenIsFoundWhereTheDefinitionBindsIt(t *testing.T) {
	for name, c := range map[string]struct{ definition, parameters, want string }{
		"JSONPath, bound to a variable": {
			`{"StartAt":"S","States":{"S":{"Type":"Task","Parameters":{"Overrides":{"ContainerOverrides":[{"Environment":[{"Name":"CB","Value.$":"$$.Task.Token"}]}]}}}}}`,
			`{"Overrides":{"ContainerOverrides":[{"Environment":[{"Name":"CB","Value":"odd token"}]}]}}`, "odd token",
		},
		"JSONata, in an expression for the whole list": {
			`{"QueryLanguage":"JSONata","StartAt":"S","States":{"S":{"Type":"Task","Arguments":{"Overrides":"{% $merge([{'Environment':[{'Name':'TASK_TOKEN','Value':$states.context.Task.Token}]}]) %}"}}}}`,
			`{"Overrides":{"Environment":[{"Name":"A","Value":"1"},{"Name":"TASK_TOKEN","Value":"any token"}]}}`, "any token",
		},
		"inside a Parallel": {
			`{"StartAt":"P","States":{"P":{"Type":"Parallel","Branches":[{"StartAt":"S","States":{"S":{"Type":"Task","Parameters":{"Payload":{"t.$":"$$.Task.Token"}}}}}]}}}`,
			`{"Payload":{"t":"inner"}}`, "inner",
		},
		"formatted into an argument": {
			`{"StartAt":"S","States":{"S":{"Type":"Task","Parameters":{"Command":["run","x"],"Arg.$":"States.Format('--token={}', $$.Task.Token)"}}}}`,
			`{"Command":["run","x"],"Arg":"--token=` + awsToken + `"}`, awsToken,
		},
		"by name, without a definition":      {"", `{"Environment":[{"Name":"SFN_TASK_TOKEN","Value":"named"}]}`, "named"},
		"by shape, on the command line":      {"", `{"Command":["--task-token","` + awsToken + `"]}`, awsToken},
		"none sent":                          {"", `{"Command":["run"]}`, ""},
		"parameters that are not JSON":       {"", `{"Command":`, ""},
		"definition that fits no parameters": {`{"States":{"S":{"Parameters":{"a":{"b.$":"$$.Task.Token"}}}}}`, `[]`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var d *workflow.Definition
			if c.definition != "" {
				parsed, err := workflow.ParseDefinition(c.definition)
				if err != nil {
					t.Fatal(err)
				}
				d = &parsed
			}
			a := workflow.Attempt{Parameters: c.parameters}
			if got := a.Token(safe.Line("S"), d).Reveal(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

package template_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/stack/template"
	"github.com/stepdeck/stepdeck/infra"
)

const resources = "Resources:\n  A:\n    Type: AWS::SQS::Queue\n"

func parse(t *testing.T, source string) *template.Template {
	t.Helper()
	parsed, err := template.Parse("stack.yaml", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// written is the template as JSON, with the section Resources taken out.
func written(t *testing.T, source string) string {
	t.Helper()
	text, err := parse(t, source+resources).JSON()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(string(text), `,"Resources":{"A":{"Type":"AWS::SQS::Queue"}}}`) + "}"
}

func TestScalarsStayWhatTheyAreWrittenAs(t *testing.T) {
	for yaml, want := range map[string]string{
		"2012-10-17":          `"2012-10-17"`,
		"012345678901":        `"012345678901"`,
		"'012345678901'":      `"012345678901"`,
		"123456789012":        `123456789012`,
		"1234567890123456789": `"1234567890123456789"`,
		"0777":                `"0777"`,
		"0x1f":                `"0x1f"`,
		"1e3":                 `"1e3"`,
		".5":                  `".5"`,
		"-1.5":                `-1.5`,
		"0":                   `0`,
		"12:30:45":            `"12:30:45"`,
		"1_000":               `"1_000"`,
		"'5'":                 `"5"`,
		"true":                `true`,
		"'true'":              `"true"`,
		"yes":                 `"yes"`,
		"null":                `null`,
		"''":                  `""`,
		`"a < b & c > d"`:     `"a < b & c > d"`,
		"[1, '1']":            `[1,"1"]`,
	} {
		if got := written(t, "Value: "+yaml+"\n"); got != `{"Value":`+want+"}" {
			t.Errorf("%s became %s, want %s", yaml, got, want)
		}
	}
}

func TestShortTagsBecomeLongFunctions(t *testing.T) {
	for yaml, want := range map[string]string{
		"!Ref A":                  `{"Ref":"A"}`,
		"!Condition IsBig":        `{"Condition":"IsBig"}`,
		"!GetAtt A.Arn":           `{"Fn::GetAtt":["A","Arn"]}`,
		"!GetAtt A.Endpoint.Port": `{"Fn::GetAtt":["A","Endpoint.Port"]}`,
		"!GetAtt [A, Arn]":        `{"Fn::GetAtt":["A","Arn"]}`,
		"{Fn::GetAtt: A.Arn}":     `{"Fn::GetAtt":["A","Arn"]}`,
		"!Sub 'x-${A}'":           `{"Fn::Sub":"x-${A}"}`,
		"!Sub 5":                  `{"Fn::Sub":"5"}`,
		"!If [B, !Ref A, 2]":      `{"Fn::If":["B",{"Ref":"A"},2]}`,
		"!Join [',', !Ref A]":     `{"Fn::Join":[",",{"Ref":"A"}]}`,
		"!Base64 {Ref: A}":        `{"Fn::Base64":{"Ref":"A"}}`,
	} {
		if got := written(t, "Value: "+yaml+"\n"); got != `{"Value":`+want+"}" {
			t.Errorf("%s became %s, want %s", yaml, got, want)
		}
	}
}

func TestWhatCloudFormationRefusesIsRefusedWithItsPlace(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"syntax", "a: 1\nb: [", "stack.yaml:2: this is not YAML: "},
		{"empty", "", "stack.yaml:1: the file is empty"},
		{"a text", "just a text", "stack.yaml:1: a template is a mapping"},
		{"no resources", "Description: x\n", "stack.yaml:1: the section Resources is missing"},
		{"anchor", "a: &x 1\n" + resources, "stack.yaml:1: CloudFormation takes no YAML anchors and aliases"},
		{"alias", "a: 1\nb: *x\n" + resources, "stack.yaml:1: this is not YAML: unknown anchor 'x'"},
		{"key twice", resources + "  A:\n    Type: AWS::S3::Bucket\n", `stack.yaml:4: the key "A" is already in line 2`},
		{"merge key", "a:\n  <<: {b: 1}\n" + resources, "stack.yaml:2: CloudFormation takes no YAML merge key"},
		{"unknown tag", "a:\n  - !Reference A\n" + resources, "stack.yaml:2: the tag !Reference is unknown"},
		{"two documents", resources + "---\na: 1\n", "stack.yaml:4: a second YAML document"},
		{"no type", "Resources:\n  A: {Properties: {}}\n", "stack.yaml:2: the resource A has no Type"},
		{"parameter without type", "Parameters:\n  P: {Default: x}\n" + resources, "stack.yaml:2: the parameter P has no Type"},
		{"a list as key", "? [a]\n: 1\n" + resources, "stack.yaml:1: a key is a plain text"},
	} {
		_, err := template.Parse("stack.yaml", []byte(c.source))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s…", c.name, err, c.want)
		}
		if place := (*template.Error)(nil); !errors.As(err, &place) {
			t.Errorf("%s: %T has no place", c.name, err)
		}
	}
}

func TestAllThatIsWrongIsSaidAtOnce(t *testing.T) {
	_, err := template.Parse("stack.yaml", []byte("a: &x 1\nb: !Nothing 2\n"+resources))
	if several := (*template.Errors)(nil); !errors.As(err, &several) || len(several.All) != 2 {
		t.Errorf("%v, want two errors", err)
	}
}

func TestDefinitionsAreInlinedAndKeepTheirSubstitutions(t *testing.T) {
	stack := parse(t, `Resources:
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: m
      DefinitionUri: m.asl.yaml
      DefinitionSubstitutions: {Queue: !Ref Q}
  Elsewhere:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: {Bucket: b, Key: k}
`)
	err := stack.Inline(func(uri string) ([]byte, error) {
		return []byte("StartAt: S # of " + uri + "\nStates:\n  S: {Type: Pass, Result: '${Queue}', End: true}\n"), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := stack.JSON()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"Resources":{"M":{"Type":"AWS::Serverless::StateMachine","Properties":{"Name":"m","Definition":{"StartAt":"S",` +
		`"States":{"S":{"Type":"Pass","Result":"${Queue}","End":true}}},"DefinitionSubstitutions":{"Queue":{"Ref":"Q"}}}},` +
		`"Elsewhere":{"Type":"AWS::Serverless::StateMachine","Properties":{"DefinitionUri":{"Bucket":"b","Key":"k"}}}}}`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Error(diff)
	}
	inlined := stack.Definitions()
	if len(inlined) != 1 || inlined[0].Resource != "M" || inlined[0].File != "m.asl.yaml" || inlined[0].Line != 6 {
		t.Errorf("definitions are %+v", inlined)
	}
}

func TestADefinitionThatIsWrongNamesItsFile(t *testing.T) {
	machine := "Resources:\n  M:\n    Type: AWS::Serverless::StateMachine\n    Properties: {DefinitionUri: m.asl.yaml}\n"
	for source, want := range map[string]string{
		"StartAt: [":       "m.asl.yaml:1: this is not YAML",
		"a: 1\nb: &x 2":    "m.asl.yaml:2: CloudFormation takes no YAML anchors",
		"a: !Ref B":        "m.asl.yaml:1: the tag !Ref is not known in a definition",
		"- a":              "m.asl.yaml:1: a definition is a mapping",
		"unreadable (nil)": "stack.yaml:4: the definition m.asl.yaml cannot be read",
	} {
		err := parse(t, machine).Inline(func(string) ([]byte, error) {
			if strings.HasPrefix(source, "unreadable") {
				return nil, fs.ErrNotExist
			}
			return []byte(source), nil
		})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s…", source, err, want)
		}
	}
}

func TestATemplateThatIsTooLargeSaysSizeAndLimit(t *testing.T) {
	_, err := parse(t, "Description: "+strings.Repeat("x", template.MaxBody)+"\n"+resources).JSON()
	if err == nil || !strings.Contains(err.Error(), "51263 bytes") || !strings.Contains(err.Error(), "takes 51200") {
		t.Errorf("%v", err)
	}
}

func shipped(t testing.TB) *template.Template {
	t.Helper()
	source, err := infra.Template()
	if err != nil {
		t.Fatal(err)
	}
	stack, err := template.Parse(infra.TemplateName, source)
	if err != nil {
		t.Fatal(err)
	}
	if err := stack.Inline(infra.File); err != nil {
		t.Fatal(err)
	}
	return stack
}

func TestTheShippedStackFitsIntoARequest(t *testing.T) {
	text, err := shipped(t).JSON()
	if err != nil {
		t.Fatal(err)
	}
	var plain map[string]any
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	if n := len(shipped(t).Definitions()); n != 2 {
		t.Errorf("%d definitions are inlined, want 2", n)
	}
}

// JSON is YAML: what is written can be read again, and is then written the same.
func TestWritingAndReadingAgainChangesNothing(t *testing.T) {
	same := func(t rapid.TB, first []byte) {
		again, err := template.Parse("again.json", first)
		if err != nil {
			t.Fatalf("%v in %s", err, first)
		}
		second, err := again.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(first), string(second)); diff != "" {
			t.Fatal(diff)
		}
	}
	text, err := shipped(t).JSON()
	if err != nil {
		t.Fatal(err)
	}
	same(t, text)
	rapid.Check(t, func(r *rapid.T) {
		values := rapid.MapOfN(rapid.StringMatching(`[A-Za-z]{1,8}`), rapid.OneOf(
			rapid.StringMatching(`[ -~äß€\n\t]{0,20}`).AsAny(), rapid.Float64Range(-1e9, 1e9).AsAny(), rapid.Bool().AsAny(), rapid.StringMatching(`[0-9:.-]{1,12}`).AsAny(),
		), 1, 5).Draw(r, "values")
		values["Resources"] = map[string]any{"A": map[string]any{"Type": "X"}}
		source, err := json.Marshal(values)
		if err != nil {
			r.Fatal(err)
		}
		stack, err := template.Parse("made.json", source)
		if err != nil {
			r.Fatalf("%v in %s", err, source)
		}
		first, err := stack.JSON()
		if err != nil {
			r.Fatal(err)
		}
		same(r, first)
	})
}

func FuzzParse(f *testing.F) {
	f.Add("Parameters: {P: {Type: Number, MinValue: 1}}\n" + resources)
	f.Add("Resources: {A: {Type: !Ref B, Properties: !GetAtt A.B}}")
	f.Add("Resources:\n  A: &a\n    Type: *a\n")
	f.Add("{\"Resources\":{\"A\":{\"Type\":\"X\"}}}\n---\n")
	f.Fuzz(func(t *testing.T, text string) {
		stack, err := template.Parse("fuzz.yaml", []byte(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "fuzz.yaml:") {
				t.Errorf("%v has no place", err)
			}
			return
		}
		written, err := stack.JSON()
		if err == nil && !json.Valid(written) {
			t.Errorf("not JSON: %s", written)
		}
		stack.Check(map[string]string{"P": text})
	})
}

func TestTheRepositorysDefinitionsAreThoseOfTheTemplate(t *testing.T) {
	files, err := filepath.Glob("../../../infra/*.asl.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, d := range shipped(t).Definitions() {
		named = append(named, d.File)
	}
	for _, file := range files {
		if !slices.Contains(named, filepath.Base(file)) {
			t.Errorf("no machine of the template has the definition %s", file)
		}
	}
	if _, err := os.Stat("../../../infra/" + infra.TemplateName); err != nil {
		t.Error(err)
	}
}

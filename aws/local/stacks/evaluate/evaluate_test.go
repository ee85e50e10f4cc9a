package evaluate_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/local/stacks/evaluate"
)

// scope is one where every resource is made: it is called after its logical ID.
func scope(parameters map[string]string) evaluate.Scope {
	return evaluate.Scope{
		Region: "eu-west-1", Account: "012345678901", Partition: "aws", StackName: "dumps", StackID: "arn:stack",
		NotificationARNs: []string{"arn:topic"}, Parameters: parameters,
		Resource: func(logical, attribute string) (any, error) {
			if attribute == "" {
				return "id-of-" + logical, nil
			}
			if attribute == "Later" {
				return evaluate.Unknown, nil
			}
			return logical + "'s " + attribute, nil
		},
	}
}

func parse(source string) (*evaluate.Template, error) {
	document, err := evaluate.Document([]byte(source))
	if err != nil {
		return nil, err
	}
	return evaluate.New(document)
}

func in(source string, given map[string]string) (*evaluate.Evaluation, error) {
	t, err := parse(source)
	if err != nil {
		return nil, err
	}
	values, err := t.Values(given)
	if err != nil {
		return nil, err
	}
	return t.In(scope(values))
}

// property evaluates one property of a resource in a template that has a bit of everything.
func property(expression string) (any, error) {
	e, err := in(`
Parameters:
  Name: {Type: String, Default: shop}
  Count: {Type: Number, Default: 3}
  Subnets: {Type: 'List<AWS::EC2::Subnet::Id>', Default: 'subnet-1, subnet-2'}
  None: {Type: CommaDelimitedList, Default: ''}
Mappings:
  Sizes: {eu-west-1: {Small: 256, List: [a, b]}}
Conditions:
  Yes: !Equals [!Ref Name, shop]
  No: !Not [!Condition Yes]
Resources:
  Other: {Type: T}
  X:
    Type: T
    Properties:
      P: `+expression+"\n", nil)
	if err != nil {
		return nil, err
	}
	properties, err := e.Properties("X")
	return properties["P"], err
}

func TestFunctions(t *testing.T) {
	tests := map[string]struct {
		expression string
		want       any
	}{
		"text":                          {`plain`, "plain"},
		"a date stays text":             {`2012-10-17`, "2012-10-17"},
		"an account ID stays text":      {`012345678901`, "012345678901"},
		"a number":                      {`12`, 12.0},
		"a boolean":                     {`true`, true},
		"a parameter":                   {`!Ref Name`, "shop"},
		"a parameter of numbers":        {`!Ref Count`, "3"},
		"a list parameter":              {`!Ref Subnets`, []any{"subnet-1", "subnet-2"}},
		"an empty list parameter":       {`!Ref None`, []any{}},
		"a resource":                    {`!Ref Other`, "id-of-Other"},
		"an attribute":                  {`!GetAtt Other.Arn`, "Other's Arn"},
		"an attribute with a dot":       {`!GetAtt Other.Outputs.A`, "Other's Outputs.A"},
		"an attribute as a list":        {`{'Fn::GetAtt': [Other, !Ref Name]}`, "Other's shop"},
		"the region":                    {`!Ref AWS::Region`, "eu-west-1"},
		"the account":                   {`!Ref AWS::AccountId`, "012345678901"},
		"the topics":                    {`!Ref AWS::NotificationARNs`, []any{"arn:topic"}},
		"no value":                      {`{a: !Ref AWS::NoValue, b: [1, !Ref AWS::NoValue]}`, map[string]any{"b": []any{1.0}}},
		"substitution":                  {`!Sub 'arn:${AWS::Partition}:s3:::${Name}/${Other}/${Other.Arn}/${!Literal}'`, "arn:aws:s3:::shop/id-of-Other/Other's Arn/${Literal}"},
		"substitution with variables":   {`!Sub ['${A}-${Name}', {A: !Ref Count}]`, "3-shop"},
		"the suffix":                    {`!Sub 'x.${AWS::URLSuffix}'`, "x.amazonaws.com"},
		"join":                          {`!Join ['/', [a, !Ref Count, !Ref Name]]`, "a/3/shop"},
		"join of a list parameter":      {`!Join ['+', !Ref Subnets]`, "subnet-1+subnet-2"},
		"split":                         {`!Split [',', 'a,b']`, []any{"a", "b"}},
		"select":                        {`!Select [1, !Split ['-', a-b-c]]`, "b"},
		"select by text":                {`!Select ['0', !Ref Subnets]`, "subnet-1"},
		"find in map":                   {`!FindInMap [Sizes, !Ref AWS::Region, Small]`, 256.0},
		"if":                            {`!If [Yes, !Ref Name, !Ref AWS::NoValue]`, "shop"},
		"else":                          {`!If [No, 1, {a: !Ref Name}]`, map[string]any{"a": "shop"}},
		"base64":                        {`{'Fn::Base64': !Ref Name}`, "c2hvcA=="},
		"zones":                         {`!Select [0, !GetAZs '']`, "eu-west-1a"},
		"what is known later":           {`!Sub 'x-${Other.Later}'`, "x-" + evaluate.Unknown},
		"a part of what is known later": {`!Select [5, !Split [':', !GetAtt Other.Later]]`, evaluate.Unknown},
		"a policy's condition":          {`{Condition: {StringEquals: {a: b}}}`, map[string]any{"Condition": map[string]any{"StringEquals": map[string]any{"a": "b"}}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := property(test.expression)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFunctionsRefuse(t *testing.T) {
	tests := map[string]struct{ expression, want string }{
		"a missing name":       {`!Ref Missing`, "Template format error: Unresolved resource dependencies [Missing] in the Resources block of the template"},
		"several missing":      {`!Sub '${M1}${M2}'`, "Template format error: Unresolved resource dependencies [M1, M2] in the Resources block of the template"},
		"a missing resource":   {`!GetAtt Missing.Arn`, "Template error: instance of Fn::GetAtt references undefined resource Missing"},
		"a missing condition":  {`!If [Missing, 1, 2]`, "Template format error: Unresolved condition dependency Missing in the Resources block of the template"},
		"a missing map":        {`!FindInMap [Missing, a, b]`, "Template error: Mapping named 'Missing' is not present in the 'Mappings' section of template."},
		"a missing key":        {`!FindInMap [Sizes, eu-west-1, Big]`, "Template error: Unable to get mapping for Sizes::eu-west-1::Big"},
		"a list in a text":     {`!Sub '${Subnets}'`, "Template error: variable Subnets in Fn::Sub expression does not resolve to a string"},
		"an index too far":     {`!Select [2, !Ref Subnets]`, "Template error: Fn::Select cannot select nonexistent value at index 2"},
		"an export":            {`!ImportValue other`, "No export named other found"},
		"an unknown function":  {`!Cidr [a, b]`, "Template error: local AWS does not know the function Fn::Cidr"},
		"an alias":             {`&a [1]`, "Template format error: YAML aliases are not allowed in CloudFormation templates"},
		"join without a list":  {`!Join [',', !Ref Name]`, "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined."},
		"if without its parts": {`!If [Yes, 1]`, "Template error: Fn::If requires a list argument with three elements"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := property(test.expression)
			isInvalid(t, err, test.want)
		})
	}
}

func isInvalid(t *testing.T, err error, want string) {
	t.Helper()
	var invalid *evaluate.Invalid
	if !errors.As(err, &invalid) || invalid.Message != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestTemplatesAreRefused(t *testing.T) {
	const thing = `Resources: {A: {Type: T}}`
	tests := map[string]struct{ source, want string }{
		"not a map":            {`- a`, "Template format error: unsupported structure."},
		"empty":                {``, "Template format error: unsupported structure."},
		"broken JSON":          {"{\n \"a\": ]}", "Template format error: JSON not well-formed. (line 2, column 7)"},
		"broken YAML":          {"a: [", "Template format error: YAML not well-formed. (line 1: did not find expected node content)"},
		"a key twice":          {"Resources: {A: {Type: T}}\nResources: {}", "Template format error: YAML not well-formed. Duplicate key Resources (line 2, column 1)"},
		"an unknown section":   {thing + "\nFoo: 1", "Invalid template property or properties [Foo]"},
		"nothing":              {`Resources: {A: {Type: T, Properties: {P: [a, ~]}}}`, "[/Resources/A/Properties/P/1] 'null' values are not allowed in templates"},
		"no resources":         {`Description: x`, "Template format error: At least one Resources member must be defined."},
		"no type":              {`Resources: {A: {Properties: {}}}`, "Template format error: [/Resources/A] Every Resources object must contain a Type member."},
		"a bad name":           {`Resources: {A-B: {Type: T}}`, "Template format error: Resource name A-B is non alphanumeric."},
		"an unknown attribute": {`Resources: {A: {Type: T, Property: {}}}`, "Invalid template resource property 'Property'"},
		"a bad policy":         {`Resources: {A: {Type: T, DeletionPolicy: Keep}}`, "Template error: Unrecognized DeletionPolicy Keep for resource A"},
		"a missing dependency": {`Resources: {A: {Type: T, DependsOn: B}}`, "Template format error: Unresolved resource dependencies [B] in the Resources block of the template"},
		"a circle":             {`Resources: {A: {Type: T, DependsOn: B}, B: {Type: T, Properties: {P: !Ref A}}, C: {Type: T}}`, "Circular dependency between resources: [A, B]"},
		"a bad output":         {thing + "\nOutputs: {O: {Value: !Ref B}}", "Template format error: Unresolved resource dependencies [B] in the Outputs block of the template"},
		"an output of nothing": {thing + "\nOutputs: {O: {Description: x}}", "Template format error: Output O is malformed. Every Outputs object must contain a Value member."},
		"a strange parameter":  {thing + "\nParameters: {P: {Type: Text}}", "Template format error: Unrecognized parameter type: Text"},
		"a condition on a resource": {
			thing + "\nConditions: {C: !Equals [!Ref A, x]}",
			"Template format error: Unresolved dependencies [A]. Cannot reference resources in the Conditions block of the template",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := parse(test.source)
			isInvalid(t, err, test.want)
		})
	}
}

func TestParameters(t *testing.T) {
	const source = `
Resources: {A: {Type: T}}
Parameters:
  Name: {Type: String, AllowedPattern: '[a-z]+', MinLength: 2, MaxLength: 4, Default: abc}
  Size: {Type: Number, MinValue: 1, MaxValue: 10, Default: 2}
  Mode: {Type: String, AllowedValues: ['ON', 'OFF'], Default: 'ON'}
  Image: {Type: String, AllowedPattern: '|.+@sha256:[0-9a-f]+', ConstraintDescription: must be empty or pinned by a digest, Default: ''}
  Vpc: {Type: 'AWS::EC2::VPC::Id'}
  Subnets: {Type: 'List<AWS::EC2::Subnet::Id>'}
`
	tests := map[string]struct {
		name, value, want string
	}{
		"too short":        {"Name", "a", "Parameter 'Name' failed to satisfy constraint: Member must have length greater than or equal to 2"},
		"too long":         {"Name", "abcde", "Parameter 'Name' failed to satisfy constraint: Member must have length less than or equal to 4"},
		"no match":         {"Name", "AB", "Parameter 'Name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+"},
		"own words":        {"Image", "x:latest", "Parameter 'Image' failed to satisfy constraint: must be empty or pinned by a digest"},
		"not a number":     {"Size", "x", "Parameter 'Size' must be a number."},
		"too little":       {"Size", "0", "Parameter 'Size' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		"too much":         {"Size", "11", "Parameter 'Size' failed to satisfy constraint: Member must have value less than or equal to 10"},
		"not allowed":      {"Mode", "on", "Parameter 'Mode' failed to satisfy constraint: Member must satisfy enum value set: [ON, OFF]"},
		"not there":        {"Other", "x", "Parameters: [Other] do not exist in the template"},
		"not a network":    {"Vpc", "main", "Parameter validation failed: parameter value main for parameter name Vpc does not exist. Rollback requested by user."},
		"one not a subnet": {"Subnets", "subnet-1,x", "Parameter validation failed: parameter value x for parameter name Subnets does not exist. Rollback requested by user."},
	}
	template, err := parse(source)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			given := map[string]string{"Vpc": "vpc-1", "Subnets": "subnet-1, subnet-2"}
			if values, err := template.Values(given); err != nil || values["Name"] != "abc" {
				t.Fatal(values, err)
			}
			given[test.name] = test.value
			_, err := template.Values(given)
			isInvalid(t, err, test.want)
		})
	}
	_, err = template.Values(nil)
	isInvalid(t, err, "Parameters: [Subnets, Vpc] must have values")
}

func TestConditionsDecideWhatThereIs(t *testing.T) {
	const source = `
Parameters: {Mode: {Type: String, Default: a}}
Conditions:
  A: !Equals [!Ref Mode, a]
  B: !And [!Not [!Condition A], !Or [!Equals [!Ref Mode, b], !Equals [!Ref Mode, c]]]
Resources:
  OnlyA: {Type: T, Condition: A}
  OnlyB: {Type: T, Condition: B, DependsOn: [OnlyA, Last]}
  Last: {Type: T, Properties: {P: !If [A, !Ref OnlyA, none]}}
Outputs:
  OfA: {Value: !Ref OnlyA, Condition: A}
  Always: {Value: !Join ['-', [!Ref Last, !Ref AWS::StackName]], Description: the last, Export: {Name: !Sub '${AWS::StackName}-last'}}
`
	always := evaluate.Resolved{Key: "Always", Value: "id-of-Last-dumps", Description: "the last", Export: "dumps-last"}
	tests := map[string]struct {
		layers  [][]string
		outputs []evaluate.Resolved
	}{
		"a": {[][]string{{"OnlyA"}, {"Last"}}, []evaluate.Resolved{always, {Key: "OfA", Value: "id-of-OnlyA"}}},
		"b": {[][]string{{"Last"}, {"OnlyB"}}, []evaluate.Resolved{always}},
		"d": {[][]string{{"Last"}}, []evaluate.Resolved{always}},
	}
	for mode, test := range tests {
		t.Run(mode, func(t *testing.T) {
			e, err := in(source, map[string]string{"Mode": mode})
			if err != nil {
				t.Fatal(err)
			}
			layers, err := e.Layers()
			if err != nil {
				t.Fatal(err)
			}
			outputs, err := e.Outputs()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.layers, layers) + cmp.Diff(test.outputs, outputs); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatDoesNotExistCannotBeNamed(t *testing.T) {
	e, err := in(`
Conditions: {Never: !Equals [a, b]}
Resources:
  Gone: {Type: T, Condition: Never}
  A: {Type: T, Properties: {P: !Ref Gone}}
Outputs: {O: {Value: !Ref Gone}}
`, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Layers()
	isInvalid(t, err, "Template format error: Unresolved resource dependencies [Gone] in the Resources block of the template")
	_, err = e.Outputs()
	isInvalid(t, err, "Template format error: Unresolved resource dependencies [Gone] in the Outputs block of the template")
}

func FuzzTemplatesNeverPanic(f *testing.F) {
	for _, seed := range []string{
		`Resources: {A: {Type: T, Properties: {P: !Sub ['${A}', {A: !Ref B}]}}}`, `{"Resources": {"A": {"Type": "T"}}}`,
		"Conditions: {C: !Equals [1]}\nResources: {A: {Type: T, Condition: C}}", `!Ref a`, `Resources: {A: {Type: T, Properties: {P: !Select [0, !GetAtt A]}}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		e, err := in(source, nil)
		if err != nil {
			return
		}
		layers, err := e.Layers()
		if err != nil {
			return
		}
		for _, layer := range layers {
			for _, logical := range layer {
				if _, err := e.Properties(logical); err != nil && err.Error() == "" {
					t.Error("a refusal without words")
				}
			}
		}
		if _, err := e.Outputs(); err != nil && err.Error() == "" {
			t.Error("a refusal without words")
		}
	})
}

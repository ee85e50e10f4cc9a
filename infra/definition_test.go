package infra

import (
	"maps"
	"strings"
	"testing"
)

func TestScalarsKeepTheirType(t *testing.T) {
	got, err := render([]byte(`
version: 2012-10-17
account: 012345678901
quoted: "5"
number: 5
rate: 1.5
yes: true
none: null
name: ${Name}
mixed: "{% $x < ${Number} & 'a' %}"
list: [1, "1"]
`), map[string]string{"Name": `a "b"`, "Number": "7"})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`"version": "2012-10-17"`, `"quoted": "5"`, `"number": 5`, `"rate": 1.5`, `"yes": true`, `"none": null`,
		`"name": "a \"b\""`, `"mixed": "{% $x < 7 & 'a' %}"`,
	} {
		if !strings.Contains(got, line) {
			t.Errorf("no %s in %s", line, got)
		}
	}
}

func TestSubstitutionsMustMatch(t *testing.T) {
	values := map[string]string{
		"Partition": "aws", "ClusterArn": "c", "TaskDefinition": "t", "ContainerName": "n", "SubnetIds": "s", "SecurityGroupId": "g",
		"AssignPublicIp": "DISABLED", "TimeoutSeconds": "60", "HeartbeatSeconds": "30",
	}
	if _, err := Definition(Run, values); err != nil {
		t.Fatal(err)
	}
	for name := range values {
		fewer := maps.Clone(values)
		delete(fewer, name)
		if _, err := Definition(Run, fewer); err == nil || !strings.Contains(err.Error(), "no value for the substitution "+name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
	more := maps.Clone(values)
	more["Cluster"] = "x"
	if _, err := Definition(Run, more); err == nil || !strings.Contains(err.Error(), "no use for the substitution Cluster") {
		t.Errorf("with Cluster: %v", err)
	}
	if _, err := Definition("sweep", nil); err == nil || !strings.Contains(err.Error(), `machine "sweep": unknown`) {
		t.Errorf("unknown machine: %v", err)
	}
}

func TestWhatCloudFormationRefusesIsRefused(t *testing.T) {
	for source, want := range map[string]string{
		"a: &x 1\nb: *x": "aliases are not allowed",
		"a: 1\na: 2":     `the key "a" is there twice`,
		"":               "the definition is empty",
		"a: [":           "read YAML",
	} {
		if _, err := render([]byte(source), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", source, err, want)
		}
	}
}

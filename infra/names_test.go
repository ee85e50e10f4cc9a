package infra_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/stack/template"
	"github.com/stepdeck/stepdeck/aws/stack/template/expand"
	"github.com/stepdeck/stepdeck/infra"
)

func TestNamesAreThoseOfTheTemplate(t *testing.T) {
	stack, expander := deployed(t, expand.World{StackName: "nightly"})
	property := func(resource, name string) string {
		r, _ := stack.Resource(resource)
		return expander.Text(template.Field(r.Properties, name))
	}
	output := func(name string) string {
		return expander.Text(template.Field(stack.Root(), "Outputs", name, "Value"))
	}
	definition, _ := stack.Resource("TaskDefinition")
	container := template.Items(template.Field(definition.Properties, "ContainerDefinitions"))[0]
	want := map[string]string{
		"container": infra.Container, "machine": infra.Machine("nightly"), "reaper": infra.Reaper("nightly"),
		"family": infra.Family("nightly"), "cluster": infra.Cluster("nightly"), "log group": infra.LogGroup("nightly"),
		"bucket": infra.Bucket("nightly", "123456789012", "us-east-1"),
		"user":   infra.UserSecret("nightly"), "password": infra.PasswordSecret("nightly"),
	}
	got := map[string]string{
		"container": expander.Text(template.Field(container, "Name")),
		"machine":   property("Workflow", "Name"), "reaper": property("Reaper", "Name"), "family": property("TaskDefinition", "Family"),
		"cluster": output("ClusterName"), "log group": output("LogGroupName"), "bucket": output("ArtifactsBucket"),
		"user": output("UserSecretName"), "password": output("PasswordSecretName"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

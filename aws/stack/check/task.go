package check

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/stepdeck/stepdeck/aws/stack/machines"
	"github.com/stepdeck/stepdeck/aws/stack/template"
)

func inactiveRevisions(c *checker) {
	c.each(func(r template.Resource) {
		if template.Text(template.Field(r.Node, "UpdateReplacePolicy")) != "Retain" {
			c.at(name(r), "a deployment makes the old revision of %s inactive, and running runs cannot retry with it; set UpdateReplacePolicy: Retain", r.Name)
		}
	}, "AWS::ECS::TaskDefinition")
}

func rootUsers(c *checker) {
	c.containers(func(_ template.Resource, container *yaml.Node) {
		user := template.Field(container, "User")
		id, _, _ := strings.Cut(c.expander.Text(user), ":")
		if id == "" || id == "root" || id == "0" {
			c.at(place(user, container), "the container runs as root; set User to another, such as '65532'")
		}
	})
}

func writableRoots(c *checker) {
	c.containers(func(_ template.Resource, container *yaml.Node) {
		if n := template.Field(container, "ReadonlyRootFilesystem"); template.Text(n) != "true" {
			c.at(place(n, container), "the container can change its own programs; set ReadonlyRootFilesystem: true and mount a volume for what it writes")
		}
	})
}

func keptCapabilities(c *checker) {
	c.containers(func(_ template.Resource, container *yaml.Node) {
		dropped := template.Items(template.Field(container, "LinuxParameters", "Capabilities", "Drop"))
		if !slices.ContainsFunc(dropped, func(n *yaml.Node) bool { return n.Value == "ALL" }) {
			c.at(container, "the container keeps kernel capabilities that no job needs; set LinuxParameters: {Capabilities: {Drop: [ALL]}}")
		}
	})
}

// leastStop in seconds: what ECS gives without a setting, and too little to end an upload.
const leastStop = 60

func shortStops(c *checker) {
	c.containers(func(_ template.Resource, container *yaml.Node) {
		n := template.Field(container, "StopTimeout")
		if limit, err := strconv.Atoi(template.Text(n)); n == nil || err == nil && limit < leastStop {
			c.at(place(n, container), "ECS kills the job soon after SIGTERM, so it cannot report; set StopTimeout to 110 (at most 120 on Fargate)")
		}
	})
}

// secretName is a variable that holds a secret by its name.
var secretName = regexp.MustCompile(`(?i)(^|_)(pass|passwd|password|secret|token|credentials?|api_?key|private_?key|access_key)$`)

func plainSecrets(c *checker) {
	c.containers(func(_ template.Resource, container *yaml.Node) {
		for _, variable := range template.Items(template.Field(container, "Environment")) {
			if label := template.Text(template.Field(variable, "Name")); secretName.MatchString(label) {
				c.at(variable, "%s stands in the task definition, readable to all who may describe it; put the value into SSM and name it under Secrets", label)
			}
		}
	})
}

// pipe is one command into another, and no "||".
var pipe = regexp.MustCompile(`[^|]\|[^|]`)

func unguardedPipes(c *checker) {
	look := func(report func(*yaml.Node), words *yaml.Node) {
		for _, word := range template.Items(words) {
			if pipe.MatchString(word.Value) && !strings.Contains(word.Value, "pipefail") && !strings.HasPrefix(word.Value, "{%") {
				report(word)
			}
		}
	}
	const text = "a pipe succeeds when its last command does, so a failed dump is reported as good; begin with set -o pipefail, or use steprun pipe"
	c.containers(func(_ template.Resource, container *yaml.Node) {
		report := func(n *yaml.Node) { c.at(n, text) }
		look(report, template.Field(container, "Command"))
		look(report, template.Field(container, "EntryPoint"))
	})
	c.tasks(func(m machines.Machine, s machines.State) {
		for _, o := range template.Items(template.Field(s.Arguments(), "Overrides", "ContainerOverrides")) {
			look(func(n *yaml.Node) { c.in(m, n.Line, text) }, template.Field(o, "Command"))
		}
	})
}

func spotOnly(c *checker) {
	const text = "ECS never falls back from FARGATE_SPOT by itself, so runs fail while there is no Spot capacity; add FARGATE and choose it in the retry"
	c.each(func(r template.Resource) {
		providers := template.Field(r.Properties, "CapacityProviders")
		if items := template.Items(providers); len(items) == 1 && items[0].Value == "FARGATE_SPOT" {
			c.at(providers, text)
		}
	}, "AWS::ECS::Cluster", "AWS::ECS::ClusterCapacityProviderAssociations")
	c.tasks(func(m machines.Machine, s machines.State) {
		strategy := template.Items(template.Field(s.Arguments(), "CapacityProviderStrategy"))
		spot := func(n *yaml.Node) bool { return template.Text(template.Field(n, "CapacityProvider")) == "FARGATE_SPOT" }
		if len(strategy) > 0 && !slices.ContainsFunc(strategy, func(n *yaml.Node) bool { return !spot(n) }) {
			c.in(m, strategy[0].Line, text)
		}
	})
}

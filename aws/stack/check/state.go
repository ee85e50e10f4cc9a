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

// overrideName finds the container that an expression names: the Name in an object that has no Value.
var overrideName = regexp.MustCompile(`'Name'\s*:\s*'([^']*)'\s*(?:\}|,\s*'(?:Command|Environment|Cpu|Memory)')`)

func containerNames(c *checker) {
	c.tasks(func(m machines.Machine, s machines.State) {
		definition, ok := m.TaskDefinition(s)
		if !ok {
			return
		}
		var known []string
		for _, container := range template.Items(template.Field(definition.Properties, "ContainerDefinitions")) {
			known = append(known, c.expander.Text(template.Field(container, "Name")))
		}
		use := func(n *yaml.Node, name string) {
			if name = m.Text(name); !slices.Contains(known, name) {
				c.in(m, n.Line, "the override is for a container %q, and the task definition %s has %s, so ECS refuses the task; use that name",
					name, definition.Name, strings.Join(known, ", "))
			}
		}
		overrides := template.Field(s.Arguments(), "Overrides")
		for _, o := range template.Items(template.Field(overrides, "ContainerOverrides")) {
			if n := template.Field(o, "Name"); n != nil {
				use(n, n.Value)
			}
		}
		for _, found := range overrideName.FindAllStringSubmatch(template.Text(overrides), -1) {
			use(overrides, found[1])
		}
	})
}

func commandTypes(c *checker) {
	c.tasks(func(m machines.Machine, s machines.State) {
		for _, o := range template.Items(template.Field(s.Arguments(), "Overrides", "ContainerOverrides")) {
			n := template.Field(o, "Command")
			if n != nil && n.Kind == yaml.ScalarNode && !strings.HasPrefix(n.Value, "{%") {
				c.in(m, n.Line, "Command is a text, and ECS takes a list of words, so it refuses the task; write [%s]", words(n))
			}
		}
	})
	c.containers(func(_ template.Resource, container *yaml.Node) {
		for _, field := range []string{"Command", "EntryPoint"} {
			if n := template.Field(container, field); n != nil && n.Kind == yaml.ScalarNode {
				c.at(n, "%s is a text, and ECS takes a list of words; write [%s]", field, words(n))
			}
		}
	})
}

// words are what a list of the text's words looks like.
func words(n *yaml.Node) string { return strings.Join(strings.Fields(n.Value), ", ") }

func missingHeartbeats(c *checker) {
	c.tasks(func(m machines.Machine, s machines.State) {
		if field(s, "HeartbeatSeconds") == nil {
			c.in(m, s.Line, "%s has no HeartbeatSeconds, so a task that dies silently is missed only when the state times out; add one of some minutes", s.Name)
		}
	})
}

func heartbeatsAboveTimeouts(c *checker) {
	c.tasks(func(m machines.Machine, s machines.State) {
		timeout, known := seconds(m, s, "TimeoutSeconds")
		heartbeat, given := seconds(m, s, "HeartbeatSeconds")
		if known && given && heartbeat >= timeout {
			c.in(m, field(s, "HeartbeatSeconds").Line, "HeartbeatSeconds %g is not below TimeoutSeconds %g, which Step Functions refuses; lower it", heartbeat, timeout)
		}
	})
}

// shortestTimeout in seconds: a cold start takes a minute, and a dump more than that.
const shortestTimeout = 900

func shortTimeouts(c *checker) {
	c.tasks(func(m machines.Machine, s machines.State) {
		n := field(s, "TimeoutSeconds")
		if n == nil {
			c.in(m, s.Line, "%s has no TimeoutSeconds, so a run that hangs lives for a year; add it as a parameter", s.Name)
			return
		}
		limit, err := strconv.ParseFloat(n.Value, 64)
		if err == nil && limit < shortestTimeout {
			c.in(m, n.Line, "TimeoutSeconds is fixed at %g, which ends every larger job; make it a parameter of an hour or more", limit)
		}
	})
}

func missingSecurityGroups(c *checker) {
	c.tasks(func(m machines.Machine, s machines.State) {
		network := template.Field(s.Arguments(), "NetworkConfiguration", "AwsvpcConfiguration")
		if network != nil && firstField(network, "SecurityGroups") == nil {
			c.in(m, network.Line, "the task gets the VPC's default security group, so a database cannot allow it alone; set SecurityGroups to a group of the stack")
		}
	})
}

func fixedPublicIPs(c *checker) {
	c.tasks(func(m machines.Machine, s machines.State) {
		n := template.Field(s.Arguments(), "NetworkConfiguration", "AwsvpcConfiguration", "AssignPublicIp")
		if template.Text(n) == "ENABLED" {
			c.in(m, n.Line, "every task gets a public IP address, in private subnets too; make AssignPublicIp a parameter")
		}
	})
}

// field is a field of a state in either form: fixed, or read from the data by a path.
func field(s machines.State, name string) *yaml.Node {
	return firstField(s.Node, name)
}

func firstField(n *yaml.Node, name string) *yaml.Node {
	for _, form := range []string{name, name + ".$", name + "Path"} {
		if found := template.Field(n, form); found != nil {
			return found
		}
	}
	return nil
}

// seconds is a number that is written there or comes from a parameter's default.
func seconds(m machines.Machine, s machines.State, name string) (float64, bool) {
	text := m.Text(template.Text(template.Field(s.Node, name)))
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(text, "{%"), "%}"))
	value, err := strconv.ParseFloat(text, 64)
	return value, err == nil
}

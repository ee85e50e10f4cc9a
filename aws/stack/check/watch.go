package check

import (
	"go.yaml.in/yaml/v3"

	"github.com/stepdeck/stepdeck/aws/stack/machines"
	"github.com/stepdeck/stepdeck/aws/stack/template"
	"github.com/stepdeck/stepdeck/aws/stack/template/expand"
)

// logging is a machine's log configuration, in SAM's words or CloudFormation's.
func logging(m machines.Machine) *yaml.Node {
	if n := template.Field(m.Properties, "Logging"); n != nil {
		return n
	}
	return template.Field(m.Properties, "LoggingConfiguration")
}

func missingMachineLogs(c *checker) {
	for _, m := range c.machines {
		if level := template.Text(template.Field(logging(m), "Level")); level == "" || level == "OFF" {
			c.at(name(m.Resource), "%s writes no log, so what an Express run or an expired history did is lost; set Logging with Level ALL", m.Name)
		}
	}
}

func loggedTokens(c *checker) {
	for _, m := range c.machines {
		if n := template.Field(logging(m), "IncludeExecutionData"); template.Text(n) == "true" {
			c.at(n, "the log of %s holds callback tokens and inputs; set IncludeExecutionData: false", m.Name)
		}
	}
}

// missingAlarms wants an alarm on the failures of each machine that runs tasks.
func missingAlarms(c *checker) {
	watched := map[string]bool{}
	c.each(func(r template.Resource) {
		template.Walk(r.Properties, func(n *yaml.Node) bool {
			if template.Text(template.Field(n, "MetricName")) == "ExecutionsFailed" {
				for _, dimension := range template.Items(template.Field(n, "Dimensions")) {
					watched[expand.Reference(template.Field(dimension, "Value"))] = true
				}
			}
			return true
		})
	}, "AWS::CloudWatch::Alarm")
	c.tasks(func(m machines.Machine, _ machines.State) {
		if !watched[m.Name] {
			c.at(name(m.Resource), "nobody hears of a failed run of %s; add an alarm on ExecutionsFailed", m.Name)
		}
	})
}

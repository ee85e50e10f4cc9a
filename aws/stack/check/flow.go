package check

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/stepdeck/stepdeck/aws/stack/machines"
	"github.com/stepdeck/stepdeck/aws/stack/template"
)

// lostResults finds a state that reads a field which only another way through the machine puts there, because the
// state before it replaces all data with its result.
func lostResults(c *checker) {
	for _, m := range c.machines {
		kept := keptFields(m)
		for _, s := range m.States {
			if s.JSONata {
				continue
			}
			for _, name := range []string{"InputPath", "OutputPath"} {
				n := template.Field(s.Node, name)
				wanted := topField(template.Text(n))
				if wanted == "" || !slices.Contains(kept, wanted) {
					continue
				}
				if by := replacer(m, s, wanted, map[string]bool{}); by != "" {
					c.in(m, n.Line, "%s finds no $.%s when %s has succeeded, whose result replaces all data, so a good run ends FAILED; give %s the ResultPath $.%s",
						s.Name, wanted, by, by, wanted)
				}
			}
		}
	}
}

// topField is "Output" of "$.Output.x".
func topField(path string) string {
	rest, found := strings.CutPrefix(path, "$.")
	if !found {
		return ""
	}
	if end := strings.IndexAny(rest, ".["); end >= 0 {
		rest = rest[:end]
	}
	return rest
}

// keptFields are those that some ResultPath of the machine sets.
func keptFields(m machines.Machine) []string {
	var names []string
	for _, s := range m.States {
		nodes := []*yaml.Node{template.Field(s.Node, "ResultPath")}
		for _, catcher := range template.Items(template.Field(s.Node, "Catch")) {
			nodes = append(nodes, template.Field(catcher, "ResultPath"))
		}
		for _, n := range nodes {
			if name := topField(template.Text(n)); name != "" {
				names = append(names, name)
			}
		}
	}
	return names
}

// replacer is the state before s, on its plain way, whose result replaces the data without setting the field.
func replacer(m machines.Machine, s machines.State, wanted string, seen map[string]bool) string {
	seen[s.Name] = true
	for _, before := range m.States {
		if before.Level != s.Level || seen[before.Name] || !slices.Contains(before.Nexts(), s.Name) {
			continue
		}
		result := template.Field(before.Node, "ResultPath")
		switch kind := template.Text(template.Field(before.Node, "Type")); {
		case topField(template.Text(result)) == wanted:
			continue
		case kind == "Task" && (result == nil || result.Value == "$"):
			return before.Name
		}
		if by := replacer(m, before, wanted, seen); by != "" {
			return by
		}
	}
	return ""
}

func missingRetries(c *checker) {
	c.tasks(func(m machines.Machine, s machines.State) {
		if template.Field(s.Node, "Retry") == nil {
			c.in(m, s.Line, "%s has no Retry, so a Spot interruption or a lack of capacity ends the run; retry what did not come from the script", s.Name)
		}
	})
}

func hiddenCauses(c *checker) {
	c.tasks(func(m machines.Machine, s machines.State) {
		for _, catcher := range template.Items(template.Field(s.Node, "Catch")) {
			if onlyTimeout(catcher) {
				continue
			}
			next := template.Text(template.Field(catcher, "Next"))
			end, ok := m.Sibling(s, next)
			cause := template.Field(end.Node, "Cause")
			if ok && template.Text(template.Field(end.Node, "Type")) == "Fail" && !strings.HasPrefix(template.Text(cause), "{%") {
				c.in(m, place(cause, end.Node).Line, "%s replaces the error and cause of the script, and a redrive then runs %s and not the task; remove the Catch, or hand the cause on by CausePath", next, next)
			}
		}
	})
}

func onlyTimeout(catcher *yaml.Node) bool {
	for _, name := range template.Items(template.Field(catcher, "ErrorEquals")) {
		if name.Value != "States.Timeout" {
			return false
		}
	}
	return true
}

func tasksLeftRunning(c *checker) {
	c.tasks(func(m machines.Machine, s machines.State) {
		for _, catcher := range template.Items(template.Field(s.Node, "Catch")) {
			for _, caught := range template.Items(template.Field(catcher, "ErrorEquals")) {
				after := template.Text(template.Field(catcher, "Next"))
				if (caught.Value == "States.Timeout" || caught.Value == "States.ALL") && stopsTask(m, s, after, map[string]bool{}) {
					return
				}
			}
		}
		c.in(m, s.Line, "a timeout of %s leaves its ECS task running beside the next run; catch States.Timeout and call ecs:stopTask", s.Name)
	})
}

func stopsTask(m machines.Machine, from machines.State, name string, seen map[string]bool) bool {
	s, ok := m.Sibling(from, name)
	if !ok || seen[name] {
		return false
	}
	seen[name] = true
	if call, _ := s.Resource(); call == "aws-sdk:ecs:stopTask" {
		return true
	}
	for _, next := range s.Nexts() {
		if stopsTask(m, s, next, seen) {
			return true
		}
	}
	return false
}

// unansweredTokens wants a rule that hears of stopped tasks and starts something.
func unansweredTokens(c *checker) {
	heard := false
	c.each(func(r template.Resource) {
		pattern := template.Field(r.Properties, "EventPattern")
		kinds := template.Items(template.Field(pattern, "detail-type"))
		states := template.Items(template.Field(pattern, "detail", "lastStatus"))
		is := func(text string) func(*yaml.Node) bool { return func(n *yaml.Node) bool { return n.Value == text } }
		heard = heard || slices.ContainsFunc(kinds, is("ECS Task State Change")) && slices.ContainsFunc(states, is("STOPPED")) &&
			len(template.Items(template.Field(r.Properties, "Targets"))) > 0
	}, "AWS::Events::Rule")
	if heard {
		return
	}
	c.tasks(func(m machines.Machine, s machines.State) {
		c.in(m, s.Line, "nobody answers the token of %s when its task is killed or never starts, so the run hangs; add a rule for ECS Task State Change with lastStatus STOPPED that calls SendTaskFailure", s.Name)
	})
}

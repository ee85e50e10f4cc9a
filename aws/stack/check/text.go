package check

import (
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/stepdeck/stepdeck/aws/stack/template"
)

// plain tells whether a scalar stands without quotes and is no block of text.
func plain(n *yaml.Node) bool {
	return n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
}

func versionDates(c *checker) {
	c.scalars(func(file string, n *yaml.Node) {
		if n.ShortTag() == "!!timestamp" && plain(n) {
			c.line(file, n.Line, "%s is a date for YAML, and tools like SAM's fail on it; put it in quotes", n.Value)
		}
	})
}

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

func mangledNumbers(c *checker) {
	c.scalars(func(file string, n *yaml.Node) {
		tag := n.ShortTag()
		octal := len(n.Value) > 1 && n.Value[0] == '0' && !strings.ContainsAny(n.Value, ".xX")
		if (tag == "!!int" || tag == "!!float") && plain(n) && (octal || accountID.MatchString(n.Value)) {
			c.line(file, n.Line, "%s is a number for YAML, which drops its leading zeros or makes it a fraction; put it in quotes", n.Value)
		}
	})
}

func fixedPartitions(c *checker) {
	c.scalars(func(file string, n *yaml.Node) {
		if strings.Contains(n.Value, "arn:aws:") {
			with := "${AWS::Partition}"
			if file != c.template.Name {
				with = "${Partition}, handed in by DefinitionSubstitutions,"
			}
			c.line(file, n.Line, "the ARN names the partition aws, so the stack fails in GovCloud and China; use %s instead of aws", with)
		}
	})
}

// pseudo parameters of CloudFormation.
var pseudo = map[string]bool{
	"AWS::AccountId": true, "AWS::NotificationARNs": true, "AWS::NoValue": true, "AWS::Partition": true, "AWS::Region": true,
	"AWS::StackId": true, "AWS::StackName": true, "AWS::URLSuffix": true,
}

var subVariable = regexp.MustCompile(`\$\{([^!}][^}]*)\}`)

func unknownReferences(c *checker) {
	known := map[string]bool{}
	for _, p := range c.template.Parameters() {
		known[p.Name] = true
	}
	for _, r := range c.template.Resources() {
		known[r.Name] = true
	}
	use := func(n *yaml.Node, name string) {
		if name != "" && !pseudo[name] && !known[name] {
			c.at(n, "%s is neither a parameter nor a resource of the template, so the deployment is refused; correct the name", name)
		}
	}
	template.Walk(c.template.Root(), func(n *yaml.Node) bool {
		switch function, argument := template.Function(n); function {
		case "Ref":
			use(n, template.Text(argument))
		case "Fn::GetAtt":
			if items := template.Items(argument); len(items) == 2 {
				use(n, template.Text(items[0]))
			}
		case "Fn::Sub":
			items := template.Items(argument)
			for _, found := range subVariable.FindAllStringSubmatch(template.Text(items[0]), -1) {
				name, _, _ := strings.Cut(strings.TrimSpace(found[1]), ".")
				if len(items) < 2 || template.Field(items[1], name) == nil {
					use(n, name)
				}
			}
		}
		return true
	})
}

func selectsBeyondTheList(c *checker) {
	lists := map[string]bool{}
	for _, p := range c.template.Parameters() {
		lists[p.Name] = p.Type == "CommaDelimitedList" || strings.HasPrefix(p.Type, "List<")
	}
	template.Walk(c.template.Root(), func(n *yaml.Node) bool {
		function, argument := template.Function(n)
		items := template.Items(argument)
		if function != "Fn::Select" || len(items) != 2 {
			return true
		}
		at, err := strconv.Atoi(template.Text(items[0]))
		if err != nil {
			return true
		}
		called, list := template.Function(items[1])
		switch {
		case called == "Ref" && lists[template.Text(list)] && at > 0:
			c.at(n, "the list %s may have fewer than %d values, and then the deployment fails; hand on the whole list with !Join", template.Text(list), at+1)
		case called == "" && items[1].Kind == yaml.SequenceNode && at >= len(items[1].Content):
			c.at(n, "the list has %d values and none at %d, so the deployment fails; select from 0 to %d", len(items[1].Content), at, len(items[1].Content)-1)
		}
		return true
	})
}

func brokenExpressions(c *checker) {
	for _, m := range c.machines {
		template.Walk(m.Definition.Root, func(n *yaml.Node) bool {
			if n.Kind == yaml.ScalarNode && strings.HasPrefix(n.Value, "{%") && strings.Contains(strings.TrimSpace(n.Value), "\n") {
				c.in(m, n.Line, "the expression has line breaks, which validators of the States Language refuse; fold it with >- and without deeper indents")
			}
			return true
		})
	}
}

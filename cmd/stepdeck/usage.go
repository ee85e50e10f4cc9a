package main

import (
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// What the parser of flags says of a value that it cannot read, and of a wrong
// number of arguments.
var (
	wrongValue = regexp.MustCompile(`^invalid argument ("(?s:.*)") for "(?:-., )?(--[\w-]+)" flag: `)
	wrongCount = regexp.MustCompile(`^(?:accepts|requires) ((?:at most |at least |between \d+ and )?)(\d+) arg\(s\), (?:only )?received (\d+)$`)
)

// flagWords are the values that a type of flag takes.
var flagWords = map[string]string{
	"int": "a whole number", "duration": "a span of time such as 90s, 30m or 2h", "bool": "true or false",
}

// usage makes an error of the flags' parser a usage problem.
func usage(c *cobra.Command, err error) error {
	p := &ops.Problem{
		Kind: ops.Usage, Title: safe.Line(err.Error()), Hint: safe.Line(c.CommandPath() + " --help shows what it takes"), Err: err,
	}
	said := wrongValue.FindStringSubmatch(err.Error())
	if said == nil {
		return p
	}
	if flag := c.Flags().Lookup(strings.TrimPrefix(said[2], "--")); flag != nil && flagWords[flag.Value.Type()] != "" {
		p.Title, p.Detail = safe.Line(said[2]), safe.Linef("%s is not %s", said[1], flagWords[flag.Value.Type()])
	}
	return p
}

// misused makes wrong arguments of a command a usage problem.
func misused(c *cobra.Command, args []string, err error) error {
	hint := "usage: " + c.UseLine()
	if c.HasSubCommands() && len(args) > 0 {
		hint = c.CommandPath() + " --help lists the commands"
		c.SuggestionsMinimumDistance = 2
		if near := c.SuggestionsFor(args[0]); len(near) > 0 {
			hint = "did you mean " + strings.Join(near, " or ") + "?"
		}
	}
	title := safe.Line(err.Error())
	if said := wrongCount.FindStringSubmatch(err.Error()); said != nil {
		title = safe.Linef("%s takes %s%s, not %s", c.CommandPath(), said[1], arguments(said[2]), said[3])
	}
	return &ops.Problem{Kind: ops.Usage, Title: title, Hint: safe.Line(hint), Err: err}
}

func arguments(n string) string {
	if n == "1" {
		return "1 argument"
	}
	return n + " arguments"
}

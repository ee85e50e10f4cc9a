package main

import (
	"regexp"
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// sameAWS are the flags with which another command talks to the same account and region.
func (a *app) sameAWS() string {
	var flags strings.Builder
	if a.flags.local {
		flags.WriteString(" --local")
	}
	for _, f := range []struct{ name, value string }{
		{"profile", a.flags.profile}, {"region", a.flags.region}, {"role", a.flags.role}, {"endpoint-url", a.flags.endpoint},
	} {
		if f.value != "" {
			flags.WriteString(" --" + f.name + " " + workflow.QuoteWord(f.value))
		}
	}
	return flags.String()
}

// ownCommand recognises a command line of this program within a text, unless it only asks for
// help or tells a usage. Local AWS has no other place.
var ownCommand = regexp.MustCompile(`(usage: )?\bstepdeck (?:clone|doctor|iam|image|logs|machines|redrive|runs?|stack|start|stop|tokens?|why)\b(?: [a-z]+)*(?: --help)?`)

// here gives the command lines in a text the flags that reach the same account and region.
func (a *app) here(text safe.Text) safe.Text {
	return safe.Line(ownCommand.ReplaceAllStringFunc(text.String(), func(command string) string {
		if strings.HasPrefix(command, "usage: ") || strings.HasSuffix(command, " --help") {
			return command
		}
		return "stepdeck" + a.sameAWS() + strings.TrimPrefix(command, "stepdeck")
	}))
}

// placed is a command line, given without the program's name, with the flags that reach the same
// account and region.
func (a *app) placed(command string) safe.Text { return a.here(safe.Line("stepdeck " + command)) }

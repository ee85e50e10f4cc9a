package screen

import (
	"errors"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

var errNoRole = errors.New("not the ARN of a role; it looks like arn:aws:iam::123456789012:role/NAME")

var errFixedPlace = errors.New("this console looks at one place only; start stepdeck with --profile, --region or --role")

// seat is where the commands find the console of the place that is looked at.
type seat struct{ console *Console }

// Commands are the screens' commands of the `:` line, beside the program's own.
func Commands(c *Console) []tui.Command {
	at := &seat{console: c}
	c.seat = at
	return []tui.Command{
		{Name: "machines", Help: "the machines, and what needs a person", Run: func([]string) tea.Cmd { return tui.Return() }},
		{
			Name: "runs", Args: "[MACHINE]", Help: "the runs of a machine, or of all",
			Complete: func(prefix string) []string { return startingWith(prefix, at.console.memory.machineNames()) },
			Run:      func(args []string) tea.Cmd { return at.console.openRuns(args) },
		},
		{
			Name: "failures", Args: "[MACHINE]", Help: "failed runs by cause, of a machine or of all",
			Complete: func(prefix string) []string { return startingWith(prefix, at.console.memory.machineNames()) },
			Run:      func(args []string) tea.Cmd { return at.console.openFailures(args) },
		},
		{Name: "bulk", Help: "what is done to many runs: under way, or interrupted", Run: func([]string) tea.Cmd { return at.console.openBulks() }},
		{Name: "tokens", Help: "open tokens, dead ones first", Run: func([]string) tea.Cmd { return tui.Push(newTokens(at.console)) }},
		{
			Name: "stack", Args: "[NAME]", Help: "the stack and its image: plan, deploy, secrets",
			Run: func(args []string) tea.Cmd { return at.console.openStack(args) },
		},
		at.chooser(chooseProfile, "NAME", "choose the profile", func() []string { return at.console.Profiles }),
		at.chooser(chooseRegion, "NAME", "choose the region", func() []string { return at.console.Regions }),
		at.chooser(chooseRole, "ARN", "assume a role", func() []string { return nil }),
	}
}

// chooser is a command that chooses the value it is given, or shows the choices.
func (at *seat) chooser(page contextPage, args, help string, values func() []string) tui.Command {
	return tui.Command{
		Name: page.String(), Args: "[" + args + "]", Help: help,
		Complete: func(prefix string) []string { return startingWith(prefix, values()) },
		Run: func(words []string) tea.Cmd {
			if len(words) == 0 {
				return tui.Push(newContext(at.console, page))
			}
			return tui.Push(newContextAt(at.console, page, words[0]))
		},
	}
}

func startingWith(prefix string, values []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return !strings.HasPrefix(v, prefix) })
}

// openRuns opens the runs of the machine that was named.
func (c *Console) openRuns(args []string) tea.Cmd {
	return c.ofMachine(args, func(m *workflow.Machine) tui.Screen { return newRuns(c, m) })
}

func (c *Console) openFailures(args []string) tea.Cmd {
	return c.ofMachine(args, func(m *workflow.Machine) tui.Screen { return newFailures(c, m) })
}

// ofMachine opens a screen of the machine that was named, or of all; its kind
// is known where the home screen has listed it.
func (c *Console) ofMachine(args []string, screen func(*workflow.Machine) tui.Screen) tea.Cmd {
	if len(args) == 0 {
		return tui.Push(screen(nil))
	}
	for _, m := range c.memory.machines {
		if strings.EqualFold(m.Name.String(), args[0]) {
			return tui.Push(screen(&m))
		}
	}
	if workflow.IsMachineARN(args[0]) {
		m := workflow.Machine{ARN: args[0], Name: safe.Line(workflow.MachineName(args[0])), Type: workflow.Standard}
		return tui.Push(screen(&m))
	}
	names := c.memory.machineNames()
	if len(names) == 0 {
		return tui.Toast(tui.Warn, safe.Line("no machine has been listed yet; try again in a moment"))
	}
	return tui.Toast(tui.Warn, safe.Linef("no machine listed is named %s; the nearest is %s", args[0], tui.Nearest(args[0], names)))
}

// openStack opens the stack that was named, or the usual one.
func (c *Console) openStack(args []string) tea.Cmd {
	if reason := c.noStack(); reason != "" {
		return tui.Toast(tui.Warn, safe.Line(reason))
	}
	name := ""
	if len(args) > 0 {
		name = args[0]
		if err := stack.CheckName(name); err != nil {
			return tui.Toast(tui.Warn, briefly(err))
		}
	}
	return tui.Push(newStack(c, name))
}

func (m *memory) machineNames() []string {
	names := make([]string, len(m.machines))
	for i, machine := range m.machines {
		names[i] = machine.Name.String()
	}
	return names
}

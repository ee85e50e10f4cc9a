package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// Command is a command of the `:` line.
type Command struct {
	Name string
	// Args is how the help writes what it takes, such as "NAME".
	Args string
	Help string
	// Complete offers values for the argument that starts with prefix; it is
	// called on every key and must not wait for anything. Nil offers none.
	Complete func(prefix string) []string
	// Run gets the words after the name.
	Run func(args []string) tea.Cmd
}

func (r *Root) builtins() []Command {
	return []Command{
		{Name: "help", Help: "keys and commands", Run: func([]string) tea.Cmd { return r.help() }},
		{Name: "audit", Help: "errors, and every change made from here", Run: func([]string) tea.Cmd { return r.audit() }},
		{Name: "theme", Args: "dark|light", Help: "colours for a dark or a light background", Complete: among("dark", "light"), Run: r.chooseTheme},
		{Name: "q", Help: "quit; what runs in AWS goes on", Run: func([]string) tea.Cmd { return r.quit() }},
	}
}

func among(values ...string) func(string) []string {
	return func(prefix string) []string {
		return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return !strings.HasPrefix(v, prefix) })
	}
}

func (r *Root) chooseTheme(args []string) tea.Cmd {
	light := !r.env.Theme.Options().Light
	if len(args) > 0 {
		if args[0] != "dark" && args[0] != "light" {
			return Toast(Warn, safe.Linef(":theme takes dark or light, not %s", args[0]))
		}
		light = args[0] == "light"
	}
	r.restyle(light)
	r.dirty = true
	return nil
}

func newCommandLine(r *Root, text string) *line {
	return &line{
		sign: ":", text: newEdit(text), complete: r.complete,
		enter: func(r *Root, text string) tea.Cmd { return r.command(text) },
	}
}

// openCommand opens the command line with the name of a command in it, or
// runs nothing where there is no such command.
func (r *Root) openCommand(name string) bool {
	if _, ok := r.find(name); ok {
		r.line = newCommandLine(r, name+" ")
		return true
	}
	return false
}

func (r *Root) find(name string) (Command, bool) {
	i := slices.IndexFunc(r.commands, func(c Command) bool { return c.Name == name })
	if i < 0 {
		return Command{}, false
	}
	return r.commands[i], true
}

// command runs what was typed. The screen on top is the one that asks.
func (r *Root) command(text string) tea.Cmd {
	words := strings.Fields(text)
	if len(words) == 0 {
		return nil
	}
	c, ok := r.find(words[0])
	if !ok {
		r.toast(Warn, safe.Linef("there is no :%s; %s? lists them all", words[0], r.meant(words[0])))
		return nil
	}
	return r.top().own(c.Run(words[1:]))
}

// complete offers whole lines: names of commands first, then their argument.
func (r *Root) complete(text string) []string {
	name, arg, spaced := strings.Cut(text, " ")
	var out []string
	if !spaced {
		for _, c := range r.commands {
			if strings.HasPrefix(c.Name, name) {
				out = append(out, c.Name)
			}
		}
		slices.Sort(out)
		return out
	}
	if c, ok := r.find(name); ok && c.Complete != nil {
		for _, value := range c.Complete(arg) {
			out = append(out, name+" "+safe.Line(value).String())
		}
	}
	return out
}

// meant offers the command that a name is a slip of, if one is near.
func (r *Root) meant(name string) string {
	names := make([]string, 0, len(r.commands))
	for _, c := range r.commands {
		names = append(names, c.Name)
	}
	if near, ok := Near(name, names); ok {
		return "the nearest is :" + near + ", and "
	}
	return ""
}

// Near is the nearest of the known words, where word can be a slip of it: at
// most a third of the letters, and two at least, are others, or it begins so.
func Near(word string, known []string) (near string, ok bool) {
	for _, k := range known {
		if word != "" && strings.HasPrefix(k, word) {
			return k, true
		}
	}
	near = Nearest(word, known)
	return near, distance([]rune(word), []rune(near)) <= min(len(near)-1, max(2, len(near)/3))
}

// Nearest is the known word that takes the fewest changes to reach from word.
func Nearest(word string, known []string) string {
	best, least := "", -1
	for _, k := range known {
		if d := distance([]rune(word), []rune(k)); least < 0 || d < least {
			best, least = k, d
		}
	}
	return best
}

// distance counts letters to put in, take out or change (Levenshtein).
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		before := row[0]
		row[0] = i + 1
		for j := range b {
			change := before
			if a[i] != b[j] {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// commandHelp are the commands' lines in the help.
func (r *Root) commandHelp() []helpLine {
	var out []helpLine
	for _, c := range r.commands {
		name := ":" + strings.TrimSpace(c.Name+" "+c.Args)
		out = append(out, helpLine{key: name, text: c.Help})
	}
	slices.SortFunc(out, func(a, b helpLine) int { return strings.Compare(a.key, b.key) })
	return out
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// listing is a list in all the forms it can be printed in.
type listing struct {
	head []string
	rows [][]cell
	// items is a slice; as JSON it is the stable form for programs.
	items any
	// names are what other commands take for the items, one each.
	names []string
	// empty is said, to people, when there is nothing.
	empty string
	// more is said, to people, when not everything was loaded.
	more string
}

func (a *app) printList(l listing) error {
	switch {
	case a.flags.output == "json":
		return a.printJSON(l.items)
	case a.flags.output == "name":
		return a.printNames(l.names...)
	case len(l.rows) == 0:
		a.say("%s\n", l.empty)
		return nil
	}
	if _, err := a.out.Write(a.drawTable(l.head, l.rows)); err != nil {
		return err
	}
	if l.more != "" {
		a.say("%s\n", l.more)
	}
	return nil
}

func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func (a *app) printNames(names ...string) error {
	for _, n := range names {
		// A name is AWS's text: on a terminal it must not act.
		if _, err := fmt.Fprintln(a.out, safe.Line(n)); err != nil {
			return err
		}
	}
	return nil
}

// printResult prints one thing: an object for programs, a name for other commands, or text for people.
func (a *app) printResult(v any, name string, text func(*bytes.Buffer)) error {
	switch a.flags.output {
	case "json":
		return a.printJSON(v)
	case "name":
		return a.printNames(name)
	default:
		var out bytes.Buffer
		text(&out)
		_, err := a.out.Write(out.Bytes())
		return err
	}
}

// say writes to stderr. Where that fails nobody can be told so.
func (a *app) say(format string, args ...any) { _, _ = fmt.Fprintf(a.err, format, args...) }

// note tells people something that is not the result.
func (a *app) note(format string, args ...any) {
	if a.flags.output != "json" {
		a.say("%s\n", safe.Block(fmt.Sprintf(format, args...)))
	}
}

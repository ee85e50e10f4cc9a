package main

import (
	"encoding/json"
	"fmt"
	"io"

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
		_, err := fmt.Fprintln(a.err, l.empty)
		return err
	}
	if _, err := a.out.Write(a.drawTable(l.head, l.rows)); err != nil {
		return err
	}
	if l.more != "" {
		fmt.Fprintln(a.err, l.more)
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
func (a *app) printResult(v any, name string, text func(io.Writer)) error {
	switch a.flags.output {
	case "json":
		return a.printJSON(v)
	case "name":
		return a.printNames(name)
	default:
		text(a.out)
		return nil
	}
}

// note tells people something that is not the result.
func (a *app) note(format string, args ...any) {
	if a.flags.output != "json" {
		fmt.Fprintln(a.err, safe.Block(fmt.Sprintf(format, args...)))
	}
}

package tui

import (
	"fmt"
	"slices"
	"strings"
)

// KeysMarkdown is the key table as the README lists it, a table for each place,
// with a line break at its end.
func KeysMarkdown() string {
	var places []Place
	for _, b := range Bindings {
		if !slices.Contains(places, b.Place) {
			places = append(places, b.Place)
		}
	}
	var out strings.Builder
	for _, place := range places {
		fmt.Fprintf(&out, "**%s**\n\n| key | does |\n|---|---|\n", place)
		for _, b := range Bindings {
			if b.Place == place {
				fmt.Fprintf(&out, "| `%s` | %s |\n", b.Name(), strings.ReplaceAll(b.Help, "|", `\|`))
			}
		}
		out.WriteString("\n")
	}
	return strings.TrimSuffix(out.String(), "\n")
}

package access

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Markdown is the table as the README lists it, with a line break at its end.
func Markdown() string {
	var out strings.Builder
	for _, role := range Roles() {
		fmt.Fprintf(&out, "**%s**: %s\n\n| for | needs | on |\n|---|---|---|\n", role, about[role])
		for _, u := range Uses() {
			if u.Role == role {
				writeNeeds(&out, u.For, u.Needs)
			}
		}
		if role == Deployer {
			fmt.Fprintf(&out, "\nThrough CloudFormation alone, and on what is named after the stack, it makes, changes and deletes each\n`%s`.\n",
				strings.Join(slices.Sorted(maps.Keys(Kinds())), "`,\n`"))
		}
		out.WriteString("\n")
	}
	return strings.TrimSuffix(out.String(), "\n")
}

var about = map[Role]string{
	Viewer:   "looks at everything and changes nothing",
	Operator: "what a viewer may, and starts, stops and redrives runs and answers tokens",
	Deployer: "what an operator may, and changes the stack, its image and its secrets",
}

// writeNeeds writes one row for each resource.
func writeNeeds(out *strings.Builder, why string, needs []Need) {
	if len(needs) == 0 {
		fmt.Fprintf(out, "| %s | no permission | |\n", why)
	}
	for len(needs) > 0 {
		on := needs[0].On.Words
		same := func(n Need) bool { return n.On.Words == on }
		var actions []string
		for _, n := range needs {
			if same(n) {
				actions = append(actions, "`"+n.Action+"`")
			}
		}
		fmt.Fprintf(out, "| %s | %s | %s |\n", why, strings.Join(actions, " "), on)
		needs = slices.DeleteFunc(slices.Clone(needs), same)
	}
}

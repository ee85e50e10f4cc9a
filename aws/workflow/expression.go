package workflow

import (
	"regexp"
	"slices"
	"strings"
)

// ruleText shortens a choice rule to what fits on an edge.
func ruleText(rule *tree) string {
	if condition := rule.str("Condition"); condition != "" {
		return strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(condition, "{%"), "%}"))
	}
	for _, combined := range []string{"And", "Or"} {
		if parts := rule.list(combined); parts != nil {
			texts := make([]string, len(parts))
			for i, p := range parts {
				texts[i] = ruleText(p)
			}
			return strings.Join(texts, " "+strings.ToLower(combined)+" ")
		}
	}
	if not := rule.get("Not"); not != nil {
		return "not " + ruleText(not)
	}
	for i, key := range rule.keys {
		switch key {
		case "Variable", "Next", "Comment", "Assign", "Output":
			continue
		}
		value := rule.values[i].text
		if rule.values[i].kind == 's' {
			value = `"` + value + `"`
		}
		return rule.str("Variable") + " " + key + " " + value
	}
	return ""
}

func joinStrings(items []*tree) string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = item.text
	}
	return strings.Join(texts, ", ")
}

const dotted = `((?:\.[A-Za-z_][A-Za-z0-9_]*)+)`

var (
	jsonPathInput  = regexp.MustCompile(`^\$` + dotted)
	contextInput   = regexp.MustCompile(`\$(?:\$|states\.context)\.Execution\.Input` + dotted)
	jsonataInput   = regexp.MustCompile(`\$states\.input` + dotted)
	tokenReference = regexp.MustCompile(`\$(?:\$|states\.context)\.Task\.Token`)
)

// inputPaths lists the paths of the run's input that a definition reads: from
// anywhere through the context, and from states that still get the run's input.
func inputPaths(doc *tree) []string {
	var paths []string
	add := func(matches [][]string) {
		for _, m := range matches {
			if p := strings.TrimPrefix(m[1], "."); !slices.Contains(paths, p) {
				paths = append(paths, p)
			}
		}
	}
	for _, state := range fedByInput(doc) {
		state.strings(nil, func(path []string, s string) {
			if readsInput(path) {
				add(jsonPathInput.FindAllStringSubmatch(s, 1))
			}
			add(jsonataInput.FindAllStringSubmatch(s, -1))
		})
	}
	doc.strings(nil, func(_ []string, s string) { add(contextInput.FindAllStringSubmatch(s, -1)) })
	return paths
}

// readsInput reports whether the field at path holds a JSONPath into the state's input.
func readsInput(path []string) bool {
	if len(path) == 0 {
		return false
	}
	switch key := path[len(path)-1]; key {
	case "ResultPath", "OutputPath":
		return false
	case "Variable":
		return true
	default:
		return (strings.HasSuffix(key, ".$") || strings.HasSuffix(key, "Path")) && !slices.Contains(path, "ResultSelector")
	}
}

// fedByInput returns the states whose input is the run's own: the first, and
// those behind states that hand it on unchanged.
func fedByInput(doc *tree) []*tree {
	var fed []*tree
	queue := []string{doc.str("StartAt")}
	for seen := map[string]bool{}; len(queue) > 0; queue = queue[1:] {
		state := doc.get("States").get(queue[0])
		if state == nil || seen[queue[0]] {
			continue
		}
		seen[queue[0]] = true
		fed = append(fed, state)
		if handsOn(state) {
			for _, edge := range readTransitions(state) {
				queue = append(queue, edge.To.String())
			}
		}
	}
	return fed
}

// handsOn reports whether the state's output is its input.
func handsOn(state *tree) bool {
	switch state.str("Type") {
	case "Pass", "Choice", "Wait":
	default:
		return false
	}
	for _, field := range []string{"Result", "Parameters", "Output", "InputPath", "OutputPath"} {
		if state.get(field) != nil {
			return false
		}
	}
	return true
}

// tokenPaths lists where in what the state sends the task token is bound. A
// path leads to the bound string, or to the expression that builds it.
func tokenPaths(state *tree) [][]string {
	var paths [][]string
	for _, field := range []string{"Parameters", "Arguments"} {
		state.get(field).strings(nil, func(path []string, s string) {
			if !tokenReference.MatchString(s) {
				return
			}
			for i := range path {
				path[i] = strings.TrimSuffix(path[i], ".$")
			}
			paths = append(paths, path)
		})
	}
	return paths
}

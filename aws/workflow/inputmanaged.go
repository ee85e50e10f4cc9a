package workflow

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// ManagedContainer is the container of the managed machine that args and env reach.
const ManagedContainer = "job"

// managedNames are the input fields that the managed machine takes.
var managedNames = []string{"args", "env", "capacity", "cpu", "memory", "timeoutSeconds", "overlap"}

// ManagedNames are the input fields that the managed machine takes.
func ManagedNames() []string { return slices.Clone(managedNames) }

// startedBy is put into an input by AWS when another run starts the run.
const startedBy = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"

// Managed reports whether the machine takes the managed machine's input.
func (d *Definition) Managed() bool {
	reads := func(name string) bool {
		return slices.ContainsFunc(d.InputPaths, func(p string) bool { return p == name || strings.HasPrefix(p, name+".") })
	}
	return !slices.ContainsFunc(managedNames, func(name string) bool { return !reads(name) })
}

// ManagedFields are the fields of the managed machine, with the variables and
// values that recent runs gave, the newest first.
func ManagedFields(inputs []Document) []InputField {
	numbers := func(of []int) []string {
		texts := make([]string, len(of))
		for i, n := range of {
			texts[i] = strconv.Itoa(n)
		}
		return texts
	}
	var memory []int
	for _, cpu := range Sizes() {
		memory = append(memory, MemoryFor(cpu)...)
	}
	slices.Sort(memory)
	args := InputField{Path: []string{"args"}, Kind: FieldWords, Help: "job and arguments: the container's command, quoted as in a shell"}
	args.learn(inputs)
	fields := append([]InputField{args}, variables(inputs)...)
	return append(fields,
		InputField{Path: []string{"capacity"}, Kind: FieldText, Closed: true, Options: []string{"spot", "fargate"}, Help: "spot unless set; attempts after the first run on fargate"},
		InputField{Path: []string{"cpu"}, Kind: FieldNumber, Closed: true, Options: numbers(Sizes()), Help: "CPU units, 1024 is one vCPU; the task definition's unless set"},
		InputField{Path: []string{"memory"}, Kind: FieldNumber, Closed: true, Options: numbers(slices.Compact(memory)), Help: "MiB, paired with the cpu by Fargate; the task definition's unless set"},
		InputField{Path: []string{"timeoutSeconds"}, Kind: FieldSeconds, Help: "how long the task may take, as in 90m; the stack's unless set"},
		InputField{Path: []string{"overlap"}, Kind: FieldText, Closed: true, Options: []string{"allow", "skip", "wait"}, Help: "while an older run is open: allow (unless set), skip, or wait for it"},
	)
}

// variables are the fields of the environment that recent runs gave.
func variables(inputs []Document) []InputField {
	var fields []InputField
	for _, doc := range inputs {
		doc.leaves(func(path []string, _ *tree) {
			known := func(f InputField) bool { return slices.Equal(f.Path, path) }
			if len(path) == 2 && path[0] == "env" && len(fields) < maxFields && !slices.ContainsFunc(fields, known) {
				fields = append(fields, VariableField(path[1]))
			}
		})
	}
	for i := range fields {
		fields[i].learn(inputs)
	}
	return fields
}

// VariableField is the field of a variable of the managed machine's container.
func VariableField(name string) InputField {
	return InputField{Path: []string{"env", name}, Kind: FieldText, Help: "a variable of the container"}
}

// CheckManagedInput tells what the managed machine, or ECS behind it, would
// refuse of the input: one entry a field, named by its path.
func CheckManagedInput(doc Document) []*FieldError {
	var wrong []*FieldError
	root := doc.tree()
	for i, name := range root.keys {
		if e := checkManaged(name, root.values[i]); e != nil {
			wrong = append(wrong, e)
		} else if name == "env" {
			wrong = append(wrong, checkVariables(root.values[i])...)
		}
	}
	named := func(e *FieldError) bool {
		return e.Field == "env" || slices.ContainsFunc(wrong, func(w *FieldError) bool { return w.Field == e.Field })
	}
	return append(wrong, slices.DeleteFunc(OverridesOf(doc.Compact()).Check(), named)...)
}

func checkManaged(name string, value *tree) *FieldError {
	whole := func() bool {
		n, err := strconv.Atoi(value.text)
		return value.kind == 'v' && err == nil && n > 0 && n <= int(maxTimeout/time.Second)
	}
	switch name {
	case startedBy:
		return nil
	case "args":
		if value.kind != '[' || !value.plain() {
			return refuse(name, `%s is no list of words such as ["drill", "succeed"]`, value.compact())
		}
	case "env":
		if value.kind != '{' {
			return refuse(name, `%s is no map of names to values such as {"DB_NAME": "shop"}`, value.compact())
		}
	case "capacity", "overlap":
		if value.kind != 's' {
			return refuse(name, "%s is no text", value.compact())
		}
		if value.text == "" {
			return refuse(name, "the text is empty; leave it out for the default")
		}
	case "cpu", "memory":
		if !whole() {
			return refuse(name, "%s is no whole number that Fargate offers", value.compact())
		}
	case "timeoutSeconds":
		if !whole() {
			return refuse(name, "%s is not a whole number of seconds from 2 to 31,536,000, nor a time such as 90m", value.compact())
		}
	default:
		return refuse(name, "the machine takes no such field; it takes %s", strings.Join(managedNames, ", "))
	}
	return nil
}

func checkVariables(env *tree) []*FieldError {
	var wrong []*FieldError
	for i, name := range env.keys {
		if e := checkEnvName(name); e != nil {
			wrong = append(wrong, refuse("env."+name, "%s", e.Reason))
		} else if v := env.values[i]; v.kind != 's' && v.kind != 'v' {
			wrong = append(wrong, refuse("env."+name, "%s is no text; a variable holds text", v.compact()))
		}
	}
	return wrong
}

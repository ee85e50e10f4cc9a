package workflow

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Overrides are the parameters of one run of the managed machine. Zero fields
// are left to the machine's defaults.
type Overrides struct {
	Args     []string          // replace the container's command
	Env      map[string]string // added to the container's environment
	Capacity string            // spot or fargate
	CPU      int               // CPU units: 1,024 is one vCPU
	Memory   int               // MiB
	Timeout  time.Duration     // whole seconds, for the task
	Overlap  string            // skip, wait or allow
}

// FieldError is a refusal of one parameter. Its text names the field, the
// value, the rule and what would be accepted.
type FieldError struct {
	Field  string
	Reason string
}

// Error names the field and the reason.
func (e *FieldError) Error() string { return e.Field + ": " + e.Reason }

func refuse(field, format string, args ...any) *FieldError {
	return &FieldError{Field: field, Reason: fmt.Sprintf(format, args...)}
}

// The bounds that the managed machine sets on timeoutSeconds.
const (
	minTimeout = 2 * time.Second
	maxTimeout = 31_536_000 * time.Second
)

// Check returns what is wrong with the parameters, one entry a field.
func (o Overrides) Check() []*FieldError {
	var bad []*FieldError
	add := func(e *FieldError) {
		if e != nil {
			bad = append(bad, e)
		}
	}
	add(checkWord("capacity", o.Capacity, "spot", "fargate"))
	add(checkWord("overlap", o.Overlap, "skip", "wait", "allow"))
	if o.CPU != 0 || o.Memory != 0 {
		add(CheckSize(o.CPU, o.Memory))
	}
	if o.Timeout != 0 && (o.Timeout < minTimeout || o.Timeout > maxTimeout || o.Timeout%time.Second != 0) {
		add(refuse("timeoutSeconds", "%v is not a whole number of seconds from 2 to 31,536,000 (one year)", o.Timeout))
	}
	for _, name := range slices.Sorted(maps.Keys(o.Env)) {
		add(checkEnvName(name))
	}
	return bad
}

func checkWord(field, value string, allowed ...string) *FieldError {
	if value == "" || slices.Contains(allowed, value) {
		return nil
	}
	return refuse(field, "%q is not one of %s", value, strings.Join(allowed, ", "))
}

func checkEnvName(name string) *FieldError {
	switch {
	case name == "" || !variableName(name):
		return refuse("env", "%q is no name of a variable: use letters, digits, '_', '.' and '-', and no digit first", name)
	case name == "TASK_TOKEN" || strings.HasPrefix(name, "STEPRUN_"):
		return refuse("env", "%s belongs to the entrypoint and cannot be set; use another name", name)
	}
	return nil
}

// variableName reports a name that programs can read. ECS would take any; a
// shell sees none with '.' or '-', a program does.
func variableName(name string) bool {
	return strings.IndexFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("_.-", r)
	}) < 0 && (name[0] < '0' || name[0] > '9')
}

// ParseEnv reads K=V pairs as given on a command line. The value may contain =.
func ParseEnv(pairs []string) (map[string]string, error) {
	env := make(map[string]string, len(pairs))
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, refuse("env", "%q is not NAME=VALUE", pair)
		}
		env[name] = value
	}
	return env, nil
}

// Input writes the run's input: base (JSON object or empty) with the set
// parameters put in. Env is merged name by name, everything else replaced;
// fields of base that stepdeck does not know are kept.
func (o Overrides) Input(base string) (string, error) {
	fields := map[string]json.RawMessage{}
	if strings.TrimSpace(base) != "" {
		if err := json.Unmarshal([]byte(base), &fields); err != nil || fields == nil {
			return "", refuse("input", "parameters can only be put into a JSON object such as {}")
		}
	}
	if len(o.Env) > 0 {
		merged := map[string]json.RawMessage{}
		if old, ok := fields["env"]; ok {
			if err := json.Unmarshal(old, &merged); err != nil || merged == nil {
				return "", refuse("env", "the input's env is not a map of names to values")
			}
		}
		for name, value := range o.Env {
			merged[name] = encode(value)
		}
		fields["env"] = encode(merged)
	}
	if o.Args != nil {
		fields["args"] = encode(o.Args)
	}
	for name, value := range map[string]string{"capacity": o.Capacity, "overlap": o.Overlap} {
		if value != "" {
			fields[name] = encode(value)
		}
	}
	for name, value := range map[string]int{"cpu": o.CPU, "memory": o.Memory, "timeoutSeconds": int(o.Timeout / time.Second)} {
		if value != 0 {
			fields[name] = encode(value)
		}
	}
	return string(encode(fields)), nil
}

// encode writes JSON without the HTML escapes that would make < six bytes long.
// The values given here cannot fail to encode.
func encode(v any) json.RawMessage {
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return json.RawMessage("null")
	}
	return json.RawMessage(strings.TrimSuffix(out.String(), "\n"))
}

// OverridesOf reads the parameters out of a run's input, for cloning and
// for showing. What does not have the expected form is left out.
func OverridesOf(input string) Overrides {
	t, err := parseTree(input)
	if err != nil {
		return Overrides{}
	}
	o := Overrides{Capacity: t.str("capacity"), Overlap: t.str("overlap"), CPU: t.whole("cpu"), Memory: t.whole("memory")}
	o.Timeout = time.Duration(t.whole("timeoutSeconds")) * time.Second
	for _, arg := range t.list("args") {
		if arg.kind == 's' || arg.kind == 'v' {
			o.Args = append(o.Args, arg.text)
		}
	}
	if env := t.get("env"); env != nil && env.kind == '{' {
		o.Env = make(map[string]string, len(env.keys))
		for i, name := range env.keys {
			o.Env[name] = env.values[i].text
		}
	}
	return o
}

func (t *tree) whole(key string) int {
	n, err := strconv.Atoi(t.literal(key))
	if err != nil {
		return 0
	}
	return n
}

// MaxOverrides is the length in characters, JSON punctuation included, that all
// overrides of a task may have (AWS: RunTask overrides).
const MaxOverrides = 8192

// PlannedToken is the token length that sizes are estimated with. AWS's tokens
// have about 750 characters today; the API allows 2,048.
const PlannedToken = 1024

// ownEnvironment is the room for the variables that the managed machine adds.
const ownEnvironment = 100

// ContainerPreview is what the parameters become in the container, with the
// length that counts against MaxOverrides.
type ContainerPreview struct {
	JSON      string // the overrides as ECS gets them, the token masked
	Estimated int    // characters, with a token of PlannedToken characters
}

// Fits reports whether the estimate stays within MaxOverrides.
func (p ContainerPreview) Fits() bool { return p.Estimated <= MaxOverrides }

// Preview shows what the parameters become in the named container.
func (o Overrides) Preview(container string) ContainerPreview {
	type pair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	type override struct {
		Name        string   `json:"name"`
		Command     []string `json:"command,omitempty"`
		Environment []pair   `json:"environment"`
	}
	over := override{Name: container, Command: o.Args, Environment: []pair{{"TASK_TOKEN", "…"}}}
	for _, name := range slices.Sorted(maps.Keys(o.Env)) {
		over.Environment = append(over.Environment, pair{name, o.Env[name]})
	}
	size := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	text := string(encode(struct {
		ContainerOverrides []override `json:"containerOverrides"`
		CPU                string     `json:"cpu,omitempty"`
		Memory             string     `json:"memory,omitempty"`
	}{[]override{over}, size(o.CPU), size(o.Memory)}))
	return ContainerPreview{JSON: text, Estimated: len([]rune(text)) - 1 + PlannedToken + ownEnvironment}
}

// Empty reports whether no parameter is set.
func (o Overrides) Empty() bool {
	return o.Args == nil && len(o.Env) == 0 && o.Capacity == "" && o.CPU == 0 && o.Memory == 0 && o.Timeout == 0 && o.Overlap == ""
}

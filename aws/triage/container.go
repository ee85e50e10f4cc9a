package triage

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"

	"github.com/stepdeck/stepdeck/aws/workflow"
)

// ended is a container at its end, from ECS or from a cause that holds it.
type ended struct {
	name      string
	exitCode  *int
	reason    string
	essential bool
	known     bool // essential is known
}

// containers lists the containers of the attempt's task.
func (f *frame) containers(detail unwrapped) []ended {
	var out []ended
	if f.task != nil && len(f.task.Containers) > 0 {
		for _, c := range f.task.Containers {
			out = append(out, ended{name: c.Name.String(), exitCode: c.ExitCode, reason: c.Reason.String()})
		}
	} else {
		for _, c := range detail.containers {
			out = append(out, ended{name: c.name, exitCode: c.exitCode, reason: c.reason})
		}
	}
	definition, ok := f.definition()
	for i := range out {
		for _, c := range definition.Containers {
			if ok && c.Name == out[i].name {
				out[i].essential, out[i].known = c.Essential, true
			}
		}
	}
	return out
}

func (f *frame) definition() (workflow.TaskDefinition, bool) {
	arn := ""
	if f.attempt != nil {
		arn = f.attempt.DefinitionARN
	}
	if f.task != nil {
		arn = cmp.Or(f.task.DefinitionARN, arn)
	}
	d, ok := f.ev.TaskDefinitions[arn]
	if !ok && len(f.ev.TaskDefinitions) == 1 {
		for _, only := range f.ev.TaskDefinitions {
			return only, true
		}
	}
	return d, ok
}

// blame picks the container whose end ended the task, or nil: an essential one,
// with a reason, with an exit code of its own rather than a signal's (ECS sends
// SIGTERM and SIGKILL to the others once an essential container ends).
func blame(containers []ended) *ended {
	var best *ended
	score := -1
	for i := range containers {
		c := &containers[i]
		n := 0
		switch {
		case c.known && c.essential:
			n += 100
		case !c.known:
			n += 50
		}
		if c.reason != "" {
			n += 20
		}
		if c.exitCode == nil {
			n += 4
		} else if *c.exitCode != 0 {
			n += 12
			if *c.exitCode == 137 || *c.exitCode == 143 {
				n -= 4
			}
		}
		if n > score {
			best, score = c, n
		}
	}
	return best
}

// tookDown finds another essential container that ended by itself, with 0, while
// the blamed one was killed without a reason.
func tookDown(containers []ended, blamed *ended) *ended {
	if blamed == nil || blamed.reason != "" || blamed.exitCode == nil || *blamed.exitCode != 137 && *blamed.exitCode != 143 {
		return nil
	}
	for i := range containers {
		c := &containers[i]
		if c.name != blamed.name && c.known && c.essential && c.exitCode != nil && *c.exitCode == 0 {
			return c
		}
	}
	return nil
}

var exitText = regexp.MustCompile(`(?i)\b(?:exit(?:ed)?|return(?:ed)?|status)(?: (?:with|code|status|value|non-zero))*[ :=]+(\d{1,3})\b`)

// signalText is how the entrypoint, shells and runtimes tell of the signal that ended the job.
var signalText = regexp.MustCompile(`(?i)\b(?:ended|terminated|killed|died|exited|stopped) (?:with|by|on|from) signal:? (?:SIG)?(KILL|TERM|SEGV|ABRT|ILL|FPE|BUS|\d{1,2}\b)`)

var signalCodes = map[string]int{"KILL": 137, "TERM": 143, "SEGV": 139, "ABRT": 134, "ILL": 132, "FPE": 136, "BUS": 135}

// exitIn reads an exit code out of words such as "exited with code 3"; 128+n
// where a signal n is told.
func exitIn(text string) *int {
	if m := signalText.FindStringSubmatch(text); m != nil {
		n, known := signalCodes[strings.ToUpper(m[1])]
		if number, err := strconv.Atoi(m[1]); !known && err == nil {
			n = 128 + number
		}
		return &n
	}
	m := exitText.FindStringSubmatch(strings.ReplaceAll(text, `"`, ""))
	if m == nil {
		return nil
	}
	n, err := strconv.Atoi(m[1])
	if err != nil || n == 0 || n > 255 {
		return nil
	}
	return &n
}

package triage

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// longestQuote bounds a fact within a sentence, in runes.
const longestQuote = 180

// clauses say in a few words what each kind is. The decisive fact follows them.
var clauses = map[Kind]string{
	WrongArchitecture: "the program was built for another CPU architecture than the task runs on",
	DependencyMissing: "the image lacks something that the job needs",
	InputInvalid:      "the input was refused",
	BadCommand:        "the command could not be executed",
	Crashed:           "the job crashed",

	ImagePull:       "the container image could not be pulled",
	SecretFetch:     "a secret or parameter of the task definition could not be read",
	LogSetup:        "the container's log could not be set up",
	NetworkSetup:    "the task got no network interface",
	VolumeSetup:     "a volume or the storage of the task could not be set up",
	SpotInterrupted: "AWS took the Spot capacity back while the task ran",
	HostLost:        "the host under the task was retired or lost",
	TaskStopped:     "the ECS task was stopped by hand",

	NoCapacity:              "ECS had no capacity for the task",
	TaskQuota:               "the account's limit of running tasks or vCPUs was reached",
	Throttled:               "AWS throttled the call",
	OverridesTooLong:        "the container overrides are longer than the 8192 characters that ECS takes",
	NetworkConfig:           "the network configuration of the task was refused",
	ClusterMissing:          "the ECS cluster does not exist",
	TaskDefinitionMissing:   "the task definition does not exist or is inactive",
	ContainerUnknown:        "the overrides name a container that the task definition lacks",
	SizeInvalid:             "Fargate does not offer this pair of CPU and memory",
	CapacityProviderMissing: "the capacity provider is not attached to the cluster",

	Credentials:   "the job had no valid AWS credentials",
	TokenRejected: "Step Functions refused the token that the job sent: it is mangled, empty or of an earlier attempt",

	OutputInvalid:  "the output is not valid JSON",
	OutputTooLarge: "the output is larger than the 256 KiB that Step Functions takes",

	DatabaseAuth:       "the database refused the login",
	DatabaseMissing:    "the database does not exist on the server",
	DatabasePermission: "the database user lacks a privilege",
	DatabaseVersion:    "the dump tool does not fit the version of the database server",
	DatabaseBusy:       "the database took no more connections",
	DatabaseLocked:     "the database gave up waiting for a lock or cancelled the statement",
	DatabaseError:      "the database client reported an error",
	HostUnknown:        "a host name could not be resolved",
	ConnectionRefused:  "the server refused the connection",
	ConnectionTimeout:  "the server could not be reached in time",
	ConnectionLost:     "the connection broke while it was used",
	TLSFailed:          "the TLS connection could not be made",
	DiskFull:           "the disk was full",
	DumpIncomplete:     "the dump is incomplete",
	BucketMissing:      "the S3 bucket does not exist",
	ObjectMissing:      "an object that the job reads does not exist",

	DefinitionError: "the machine's definition cannot be evaluated on this data",
	NoChoiceMatched: "no rule of the Choice matched and it has no Default",
	ExpressionError: "a JSONata expression failed",
	ParameterType:   "a parameter of the task has the wrong type",
	HistoryFull:     "the history reached its limit of 25,000 events",
	MapItemsFailed:  "more items of the Map failed than it tolerates",
}

// sentence says in one sentence what happened, where, and by which fact.
func (c *study) sentence(d *Diagnosis) safe.Text {
	text := c.clause(d)
	if d.Confidence == Low && d.Kind != StillRunning && d.Kind != ScriptFailed {
		text = "not recognised for certain, but it looks as if " + text
	}
	if d.ChildRun != "" {
		text = "child run " + workflow.RunName(d.ChildRun) + ": " + text
	}
	if d.Iteration != nil {
		text = "item " + strconv.Itoa(*d.Iteration) + ": " + text
	}
	if d.Stuck && d.Kind != DeadToken {
		text += "; its token was never answered, so the run waits for nothing"
	}
	if !d.State.Empty() {
		text = d.State.OneLine().String() + ": " + text
	}
	return safe.Line(strings.TrimRight(workflow.MaskTokens(text), ". ") + ".")
}

func (c *study) clause(d *Diagnosis) string {
	quote := quoted(c.best.cause.Text.Or(c.best.fact.Text))
	switch d.Kind {
	case OutOfMemory:
		return c.memoryClause()
	case PassRoleDenied, RunTaskDenied, CallbackDenied, PermissionDenied:
		return c.denial(d.Kind, quote)
	case HeartbeatLost, TaskTimeout, RunTimeout:
		return c.clockClause(d.Kind)
	case Stopped:
		return c.stopClause()
	case DeadToken:
		return c.deadClause()
	case ScriptFailed:
		return c.scriptClause(d)
	case Killed, Terminated:
		return c.signalClause(d)
	case SidecarEnded:
		return "the essential container " + c.downBy.name + " ended with exit code 0, so ECS killed " + c.blamed.name
	case FailState:
		return "the machine ended the run in this Fail state" + c.rawFacts(": ")
	case SuspiciousSuccess:
		return c.doubt(quote)
	case DidSucceed:
		return "the run succeeded and nothing in its evidence casts doubt on it"
	case StillRunning:
		return c.runningClause()
	case Unknown:
		return "the cause is not recognised" + c.rawFacts("; the facts are: ")
	}
	if quote == "" {
		return clauses[d.Kind]
	}
	return clauses[d.Kind] + ": " + quote
}

// preambles are what Step Functions writes before the reason, and payloads.
var preambles = regexp.MustCompile(strings.Join([]string{
	`^An error occurred while (?:executing|scheduling) the state '.*?' \(entered at the event id #\d+\)\.? ?`,
	`\s*\(Service: [^)]*\)(?: \(SDK Attempt Count: \d+\))?`,
	`^The (?:Parameters|Arguments) '.*' could not be used to start the Task: `,
}, "|"))

// quoted is a fact within a sentence: in one line, without preamble, shortened.
func quoted(t safe.Text) string {
	text := preambles.ReplaceAllString(t.OneLine().String(), "")
	text = preambles.ReplaceAllString(text, "")
	return strings.TrimRight(elide(text, longestQuote), ". ")
}

// elide cuts from the middle: reasons of ECS tell what failed at their start and
// why at their end.
func elide(text string, runes int) string {
	r := []rune(text)
	if len(r) <= runes {
		return text
	}
	head := runes * 2 / 5
	return string(r[:head]) + "…" + string(r[len(r)-(runes-head-1):])
}

// rawFacts are the terminal error and cause as given, or what ECS says.
func (c *study) rawFacts(lead string) string {
	var parts []string
	if !c.failure.Error.Empty() {
		parts = append(parts, c.failure.Error.String())
	}
	for i := range c.told {
		s := &c.told[i]
		if s.in&inError == 0 && (len(parts) == 0 || parts[0] != s.fact.Text.String()) {
			parts = append(parts, quoted(s.fact.Text))
			break
		}
	}
	if len(parts) < 2 && c.task != nil && c.taskCounts() {
		parts = append(parts, quoted(c.task.StopCause()))
	}
	if len(parts) == 0 {
		if line, ok := c.telling(); ok {
			return lead + "the log says " + quoted(line.Text)
		}
		return lead + "no error and no cause were given"
	}
	return lead + strings.Join(parts, ": ")
}

// memoryClause tells a container that the kernel killed from a program that ran
// out of what it may take.
func (c *study) memoryClause() string {
	size := ""
	if mib := c.memory(); mib > 0 {
		size = " (" + strconv.Itoa(mib) + " MiB)"
	}
	if c.best.fact.Line > 0 && (c.exit == nil || *c.exit != 137) {
		return "the job ran out of memory" + size + ": " + quoted(c.best.fact.Text)
	}
	return "the container was killed for memory" + size + c.doing()
}

var tableName = regexp.MustCompile("(?i)\\btable[ :=]+[`\"'“]?([\\w$.-]{1,64})")

// doing names the table that the last lines speak of.
func (c *study) doing() string {
	if c.exit == nil && len(c.logged) == 0 && len(c.detail.tail) == 0 {
		return ""
	}
	lines := c.logged
	if len(lines) == 0 {
		lines = c.told
	}
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i].fact.Line == 0 && len(c.logged) == 0 {
			continue
		}
		if m := tableName.FindStringSubmatch(lines[i].fact.Text.String()); m != nil {
			return " while it worked on table " + m[1]
		}
	}
	return ""
}

func (c *study) clockClause(kind Kind) string {
	leftover := ""
	if c.task != nil && c.task.Live() {
		leftover = "; its task still runs"
	}
	a := c.attempt
	took, known := c.took()
	switch {
	case kind == RunTimeout:
		after := ""
		if !c.ev.Run.Started.IsZero() && !c.ev.Run.Stopped.IsZero() {
			after = " after " + safe.Duration(c.ev.Run.Duration(c.ev.Now)).String()
		}
		return "the machine's own timeout ended the run" + after + leftover
	case !known || c.best.fact.Place.String() != string(workflow.TaskTimedOut):
		return "a time limit ran out before the task gave a result" + leftover
	case kind == HeartbeatLost && a.Heartbeat > 0:
		return "no heartbeat came for " + safe.Duration(a.Heartbeat).String() + ", " + safe.Duration(took).String() + " after the task began" + leftover
	case a.Timeout > 0:
		return "the task gave no result within its " + safe.Duration(a.Timeout).String() + leftover
	}
	return "the task gave no result in time (" + safe.Duration(took).String() + ")" + leftover
}

func (c *study) stopClause() string {
	text := "the run was stopped by hand"
	if c.best.fact.Place.Empty() || c.failure.Status != workflow.Aborted {
		text = "it was stopped by hand"
	}
	if c.failure.Status == workflow.Aborted {
		if given := joined(c.failure.Error, c.failure.Cause); given != "" {
			text += ", saying " + given
		} else {
			text += " and no reason was given"
		}
	}
	if c.task != nil && c.task.Live() {
		text += "; its task still runs"
	}
	return text
}

func joined(name, cause safe.Text) string {
	var parts []string
	for _, t := range []safe.Text{name, cause} {
		if !t.Empty() {
			parts = append(parts, quoted(t))
		}
	}
	return strings.Join(parts, ": ")
}

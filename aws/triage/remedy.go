package triage

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// remedies lists what to do, first things first: free what is stuck, stop what
// is left over, mend the cause, run again; then what would not help, and why.
func (c *study) remedies(d *Diagnosis) []Remedy {
	list := []Remedy{}
	if d.Kind == DidSucceed {
		return list
	}
	a := adviceOn(d.Kind)
	if d.Stuck {
		list = append(list, c.tokenRemedies(d)...)
	}
	if d.Redrive.LiveTask != "" {
		list = append(list, c.stopTask(d.Redrive.LiveTask))
	}
	if again := c.runAgain(d); again != nil {
		list = append(list, again...)
	}
	fix := c.fix(d, a)
	closed := d.Status.Bad()
	redrive := c.redriveRemedy(d)
	switch {
	case closed && d.Redrive.Helps == HelpsYes:
		list = append(list, redrive)
		list = append(list, fix...)
	default:
		list = append(list, fix...)
		if closed && !redrive.Useless {
			list = append(list, redrive)
		}
	}
	if closed && redrive.Useless {
		if !slices.ContainsFunc(list, func(r Remedy) bool { return r.Action == ActNewRun }) {
			list = append(list, c.newRun("start a new run with what was mended", redrive.Reason))
		}
		if !d.Redrive.Until.IsZero() || !d.Redrive.Reason.Empty() {
			list = append(list, redrive)
		}
	}
	if line, ok := c.telling(); ok && line.Source == FromLog {
		list = append(list, Remedy{Action: ActOpenLog, Text: safe.Line("open the log at that line"), TaskARN: line.TaskARN, Container: line.Container, Time: line.Time})
	}
	return list
}

func (c *study) newRun(text string, why safe.Text) Remedy {
	return Remedy{Action: ActNewRun, Text: safe.Line(text), Reason: why, RunARN: c.ev.Run.ARN}
}

// tokenRemedies answers a token that nothing else will answer.
func (c *study) tokenRemedies(d *Diagnosis) []Remedy {
	name, cause := "TaskExited", d.Sentence.String()
	if c.task != nil {
		name = cmp.Or(c.task.StopError(), name)
		cause = c.task.StopCause().String()
	}
	fail := Remedy{
		Action: ActFailToken, RunARN: c.ev.Run.ARN, State: d.State, Error: name, Cause: cause, TaskARN: d.TaskARN,
		Text: safe.Linef("fail the token with %s, so that the retries of the machine take over", name),
	}
	list := []Remedy{fail}
	if c.exit != nil && *c.exit == 0 || d.Kind == OutputInvalid || d.Kind == CallbackDenied {
		list = append(list, Remedy{
			Action: ActSucceedToken, RunARN: c.ev.Run.ARN, State: d.State, TaskARN: d.TaskARN,
			Text: safe.Line("or answer it with success and the right output, if the log shows that the work is done"),
		})
	}
	return list
}

func (c *study) stopTask(arn string) Remedy {
	r := Remedy{Action: ActStopTask, TaskARN: arn, ClusterARN: c.ev.Tasks[arn].ClusterARN}
	r.Text = safe.Linef("stop task %s: it still runs though nothing waits for it, and a new one would run beside it", workflow.TaskID(arn))
	return r
}

// runAgain lists new runs with a changed parameter that mends the kind.
func (c *study) runAgain(d *Diagnosis) []Remedy {
	switch d.Kind {
	case OutOfMemory:
		return c.moreMemory()
	case TaskTimeout:
		return c.moreTime()
	case SpotInterrupted:
		if c.reads("capacity") {
			r := c.newRun("if Spot is taken again, run it on demand with capacity fargate", safe.Text{})
			r.Capacity = "fargate"
			return []Remedy{r}
		}
	}
	return nil
}

func (c *study) moreTime() []Remedy {
	if c.attempt == nil || c.attempt.Timeout <= 0 {
		return nil
	}
	seconds := int(2 * c.attempt.Timeout.Seconds())
	if !c.reads("timeoutSeconds") {
		return []Remedy{{Action: ActFixMachine, State: c.step.State, TimeoutSeconds: seconds, Text: safe.Linef("if it only needs longer, raise the state's TimeoutSeconds to %d and deploy", seconds)}}
	}
	r := c.newRun("if it only needs longer, run it again with timeoutSeconds "+strconv.Itoa(seconds), safe.Text{})
	r.TimeoutSeconds = seconds
	return []Remedy{r}
}

// reads reports whether the machine takes the parameter from the input; one whose
// definition is not known is given the benefit of the doubt.
func (c *study) reads(field string) bool {
	if c.ev.Definition == nil {
		return true
	}
	return slices.ContainsFunc(c.ev.Definition.InputPaths, func(path string) bool {
		return strings.EqualFold(path, field) || strings.EqualFold(path[strings.LastIndexByte(path, '.')+1:], field)
	})
}

var missingPath = regexp.MustCompile(`(?:JSONPath|[Pp]ath|input) '?\$+\.?([\w.\[\]'-]+)|'\$\.([\w.]+)'|input field "([\w.]+)"|\$states\.input\.([\w.]+)`)

// fix is what has to be mended outside the run.
func (c *study) fix(d *Diagnosis, a advice) []Remedy {
	switch a.fix {
	case "":
		return nil
	case ActGrant:
		return []Remedy{c.grant(d)}
	}
	r := Remedy{Action: a.fix, Text: safe.Line(a.text), State: d.State}
	switch a.fix {
	case ActFixInput, ActFixMachine:
		if m := missingPath.FindStringSubmatch(c.best.cause.Text.Or(c.best.fact.Text).String()); m != nil {
			r.Field = strings.Trim(cmp.Or(m[1], m[2], m[3], m[4]), ".'")
		}
		if c.endsIn() != "" && d.Kind == FailState {
			r.State = safe.Line(c.endsIn())
		}
	case ActOpenRun:
		r.RunARN = cmp.Or(d.ChildRun, c.ev.Run.ARN)
	}
	list := []Remedy{r}
	if d.ChildRun != "" && a.fix != ActOpenRun {
		list = append(list, Remedy{Action: ActOpenRun, RunARN: d.ChildRun, Text: safe.Linef("open the child run %s", workflow.RunName(d.ChildRun))})
	}
	return list
}

func (c *study) grant(d *Diagnosis) Remedy {
	text := c.best.cause.Text.Or(c.best.fact.Text).String()
	r := Remedy{Action: ActGrant, State: d.State, Permission: actionName.FindString(text), Role: roleName.FindString(text)}
	if m := onResource.FindStringSubmatch(text); m != nil {
		r.Resource = strings.TrimRight(m[1], ".")
	}
	whose := "the machine's role"
	switch d.Kind {
	case PassRoleDenied:
		r.Permission, r.Role = "iam:PassRole", cmp.Or(r.Role, c.ev.Machine.RoleARN)
	case RunTaskDenied:
		r.Permission, r.Role = "ecs:RunTask", cmp.Or(r.Role, c.ev.Machine.RoleARN)
	case CallbackDenied:
		whose = "the task role"
		if r.Permission = qualified(r.Permission); r.Permission == "" {
			r.Permission = "states:SendTask*"
		}
		r.Resource = cmp.Or(r.Resource, c.ev.Run.MachineARN)
	default:
		whose = "the role"
	}
	if r.Role != "" {
		whose = roleShort(r.Role)
	}
	on := ""
	if r.Resource != "" {
		on = " on " + r.Resource
	}
	r.Text = safe.Linef("grant %s%s to %s", cmp.Or(r.Permission, "the permission that the text names"), on, whose)
	return r
}

func (c *study) redriveRemedy(d *Diagnosis) Remedy {
	r := Remedy{Action: ActRedrive, RunARN: c.ev.Run.ARN, Reason: d.Redrive.Reason}
	resumes := ""
	if len(d.Redrive.Resumes) > 0 {
		resumes = " (it resumes in " + d.Redrive.Resumes[0].OneLine().String() + ")"
	}
	switch {
	case !d.Redrive.Possible:
		r.Useless, r.Reason = true, d.Redrive.Why
		r.Text = safe.Line("a redrive is not possible")
	case d.Redrive.Helps == HelpsNo:
		r.Useless = true
		r.Text = safe.Linef("a redrive%s would not help", resumes)
	case d.Redrive.Helps == HelpsAfterFix:
		r.Text = safe.Linef("then redrive%s", resumes)
	default:
		r.Text = safe.Linef("redrive%s", resumes)
	}
	if d.Redrive.LiveTask != "" && !r.Useless {
		r.Reason = safe.Linef("stop task %s first, or two run at once; %s", workflow.TaskID(d.Redrive.LiveTask), r.Reason)
	}
	return r
}

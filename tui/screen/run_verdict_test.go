package screen

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// sizedMachine takes the memory from its input.
var sizedMachine = strings.Replace(dumpMachine, `"TimeoutSeconds":7200,`, `"TimeoutSeconds":7200,"HeartbeatSeconds":60,
	"Parameters":{"Overrides":{"Memory.$":"$.memory"}},`, 1)

// verdicts are runs that stand still or ended badly, one of each cause.
var verdicts = map[string]func() *world{
	"memory":    verdictMemory,
	"script":    func() *world { return verdictCause("Job.Failed", scriptCause, 3) },
	"dead":      storyStuck,
	"image":     verdictImage,
	"heartbeat": verdictHeartbeat,
	"unknown":   verdictUnknown,
	"child":     verdictChild,
	"below":     verdictBelow,
	"forgotten": verdictForgotten,
	"doubtful":  verdictDoubtful,
}

const scriptCause = `{"reason":"the job ended with exit code 3","command":"load orders","exitCode":3,"seconds":12.5,"tail":"loading orders\nchecking 8 rows\nrow 7 has no customer\n"}`

func verdictMemory() *world {
	w := storyFailed()
	w.definition = sizedMachine
	return w
}

// verdictCause is a run whose task answered with an error.
func verdictCause(name, cause string, exit int) *world {
	w := newWorld(workflow.Failed)
	id := w.submit(w.begin(), "a1")
	w.stopTask("a1", "EssentialContainerExited", "Essential container in task exited", exit, "")
	id = w.event(id, workflow.TaskFailed, because(name, cause), later(time.Minute))
	w.event(id, workflow.ExecutionFailed, because(name, cause))
	w.close(workflow.Failed, name, cause)
	w.run.RedriveStatus = workflow.Redrivable
	return w
}

const pullReason = `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 123456789012.dkr.ecr.eu-west-1.amazonaws.com/dump:v8: not found`

// verdictImage is a task that never started, its token failed by the reaper.
func verdictImage() *world {
	w := verdictCause("TaskFailedToStart", `{"stopCode":"TaskFailedToStart","stoppedReason":"`+pullReason+`"}`, 0)
	t := w.tasks[worldTask("a1")]
	t.StopCode, t.StoppedReason = "TaskFailedToStart", safe.Line(pullReason)
	t.Containers[0].ExitCode = nil
	w.tasks[worldTask("a1")] = t
	return w
}

// verdictHeartbeat is a job that fell silent and whose task still works.
func verdictHeartbeat() *world {
	w := newWorld(workflow.TimedOut)
	w.definition = sizedMachine
	id := w.submit(w.begin(), "a1")
	w.events[id-3].Heartbeat = time.Minute
	w.write("a1", "dumping orders", "row 1000000")
	id = w.event(id, workflow.TaskTimedOut, because("States.Timeout", ""), later(9*time.Minute))
	w.event(id, workflow.ExecutionFailed, because("States.Timeout", ""))
	w.close(workflow.Failed, "States.Timeout", "")
	w.run.RedriveStatus = workflow.Redrivable
	return w
}

const childARN = "arn:aws:states:eu-west-1:123456789012:execution:inner:inner-7"

func verdictUnknown() *world {
	return verdictCalled("dynamodb", "frobnicate", "Frobnicated", "the frobnicator declined\nask its owner")
}

func verdictChild() *world {
	cause := `{"ExecutionArn":"` + childARN + `","Name":"inner-7","Status":"FAILED","Error":"Job.Failed","Cause":"{\"reason\":\"the job ended with exit code 2\",\"exitCode\":2,\"tail\":\"Access denied for user 'dump'@'%'\"}"}`
	return verdictCalled("states", "startExecution.sync:2", "States.TaskFailed", cause)
}

// verdictBelow is a run that failed by one whose task and log tell why.
func verdictBelow() *world {
	w := verdictChild()
	child := verdictMemory()
	child.run.ARN, child.run.Name = childARN, safe.Line(workflow.RunName(childARN))
	w.below, w.tasks, w.logs, w.definition = child, child.tasks, child.logs, child.definition
	return w
}

// verdictCalled is a run whose call of another service failed.
func verdictCalled(service, call, name, cause string) *world {
	w := newWorld(workflow.Failed)
	id := w.event(w.begin(), workflow.TaskScheduled, func(e *workflow.Event) { e.ResourceType, e.Resource = service, call })
	id = w.event(w.event(id, workflow.TaskStarted), workflow.TaskSubmitted)
	id = w.event(id, workflow.TaskFailed, because(name, cause))
	w.event(id, workflow.ExecutionFailed, because(name, cause))
	w.close(workflow.Failed, name, cause)
	return w
}

// verdictForgotten is a failure that is told when ECS no longer knows the task.
func verdictForgotten() *world {
	w := verdictCause("Job.Failed", scriptCause, 3)
	clear(w.tasks)
	return w
}

// verdictDoubtful is a success whose log says otherwise.
func verdictDoubtful() *world {
	w := storySucceeded()
	w.write("a1", "mysqldump: Error 2013: Lost connection to server during query when dumping table `orders` at row: 8123441")
	return w
}

func TestVerdictsByCause(t *testing.T) {
	for name, story := range verdicts {
		t.Run(name, func(t *testing.T) {
			drive(t, story, TabVerdict, 100, 34, func(_ *world, d *tuitest.Driver) {
				d.Advance(settledAfter)
				tuitest.Golden(t, "verdict_"+name, d.Frame())
			})
		})
	}
}

func TestAVerdictNamesCauseAndRemedy(t *testing.T) {
	for name, want := range map[string][]string{
		"memory":    {"killed for memory (512 MiB)", "N  run again with memory 2048"},
		"script":    {"the job failed with exit code 3", "row 7 has no customer", "D  then redrive"},
		"dead":      {"without answering its token", "T  fail the token with TaskExited"},
		"image":     {"the container image could not be pulled", "dump:v8: not found", "D  then redrive"},
		"heartbeat": {"no heartbeat came for 1m", "its task still runs", "X  stop task a1"},
		"unknown":   {"Run: the frobnicator declined", "not recognised: these are the facts"},
		"child":     {"child run inner-7: the database refused the login", "enter  open the child run inner-7", "← → unfolds", "child run not read: run inner-7 does not exist"},
		"below":     {"child run inner-7: Run: the container was killed for memory", "in the child run: run again with memory 2048"},
		"forgotten": {"the job failed with exit code 3", "without  ECS no longer knows the task"},
		"doubtful":  {"Lost connection to server", "✔ SUCCEEDED"},
	} {
		t.Run(name, func(t *testing.T) {
			drive(t, verdicts[name], TabVerdict, 160, 40, func(_ *world, d *tuitest.Driver) { see(t, d, want...) })
		})
	}
}

func TestTheSentenceGetsBetterWithEveryPart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := verdictMemory()
		w.hold()
		d := w.open(t, TabVerdict, plainLook, 120, 40)
		see(t, d, "Run: the container was killed for memory")
		dontSee(t, d, "512 MiB", "no event of the history")
		w.release()
		d.Advance(firstAnswers)
		see(t, d, "Run: the container was killed for memory (512 MiB) while it worked on table orders.")
	})
}

func TestRunningAgainProposesTheMemory(t *testing.T) {
	drive(t, verdictMemory, TabVerdict, 120, 40, func(_ *world, d *tuitest.Driver) {
		d.Press("N")
		d.Advance(firstAnswers)
		see(t, d, "clone 2026-11-23-orders", "memory is 2048 here; it was 512")
		d.Press("f2")
		see(t, d, `"memory": 2048`)
	})
}

func TestRunningAgainFromAnotherTabProposesNothing(t *testing.T) {
	drive(t, verdictMemory, TabTask, 120, 40, func(_ *world, d *tuitest.Driver) {
		d.Press("N")
		d.Advance(firstAnswers)
		dontSee(t, d, "memory is 2048")
	})
}

func TestARemedyStopsTheTaskThatIsLeft(t *testing.T) {
	drive(t, verdictHeartbeat, TabVerdict, 120, 40, func(w *world, d *tuitest.Driver) {
		d.Press("X")
		see(t, d, "Stop this task?", "task a1 of 2026-11-23-orders", "nothing waits for the task")
		answerDialog(d, "enter")
		if w.asked("StopTask a1") != 0 {
			t.Fatal("enter alone stopped the task")
		}
		d.Press("X")
		answerDialog(d, "y")
		see(t, d, "task a1 is stopped")
		d.Advance(firstAnswers)
		dontSee(t, d, "X  stop task")
		if w.asked("StopTask a1") != 1 {
			t.Errorf("the task was stopped %d times", w.asked("StopTask a1"))
		}
	})
}

func TestARemedyOpensTheTokensDialog(t *testing.T) {
	drive(t, storyStuck, TabVerdict, 120, 40, func(_ *world, d *tuitest.Driver) {
		d.Press("T")
		see(t, d, "Answer the token of Run", "the task is gone: nothing else will answer")
		answerDialog(d, "enter")
		see(t, d, "Fail the token of Run", "TaskExited")
	})
}

func TestARemedyAsksBeforeTheRedrive(t *testing.T) {
	drive(t, verdicts["script"], TabVerdict, 120, 40, func(_ *world, d *tuitest.Driver) {
		see(t, d, "then redrive (it resumes in Run)")
		d.Press("D")
		see(t, d, "Redrive this run?", "it resumes in Run")
	})
}

func TestARemedyOpensTheLogAtItsLine(t *testing.T) {
	drive(t, verdictMemory, TabVerdict, 120, 40, func(_ *world, d *tuitest.Driver) {
		see(t, d, "l  log at 23:29:30")
		d.Press("l")
		d.Advance(firstAnswers)
		see(t, d, "mysqldump: Error 2013")
	})
}

func TestARemedyOpensTheChildRun(t *testing.T) {
	drive(t, verdictChild, TabVerdict, 120, 40, func(_ *world, d *tuitest.Driver) {
		d.Press("right")
		see(t, d, `"ExecutionArn"`)
		d.Press("enter")
		see(t, d, "2026-11-23-orders › ")
	})
}

func TestAReadOnlyVerdictNamesTheRemedyWithoutItsKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := verdictMemory()
		c := w.console(plainLook)
		c.Env.ReadOnly = true
		d := tuitest.Drive(t, optionsOf(c, newRun(c, w.listed(), TabVerdict), t.TempDir()), 120, 40)
		d.Advance(firstAnswers)
		see(t, d, "·  run again with memory 2048")
		dontSee(t, d, "N  run")
	})
}

package screen

import (
	"strconv"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// The stories are runs with histories as AWS writes them.
var stories = map[string]func() *world{
	"failed":    storyFailed,
	"succeeded": storySucceeded,
	"running":   storyRunning,
	"stuck":     storyStuck,
	"waiting":   storyWaiting,
	"redriven":  storyRedriven,
	"branches":  storyBranches,
	"hostile":   storyHostile,
}

// begin writes the first events, up to the entry of the task's state.
func (w *world) begin() int64 {
	id := w.event(0, workflow.ExecutionStarted, func(e *workflow.Event) { e.Input = w.run.Input })
	id = w.event(id, "PassStateEntered", ofState("Check"), func(e *workflow.Event) { e.Input = w.run.Input })
	id = w.event(id, "PassStateExited", ofState("Check"), func(e *workflow.Event) { e.Output = w.run.Input })
	return w.event(id, "TaskStateEntered", ofState("Run"), func(e *workflow.Event) { e.Input = w.run.Input })
}

const memoryCause = `{"stopCode":"EssentialContainerExited","stoppedReason":"OutOfMemoryError: Container killed due to memory usage","taskArn":"arn:aws:ecs:eu-west-1:123456789012:task/main/b2","containers":[{"name":"job","exitCode":137,"reason":"OutOfMemoryError: Container killed due to memory usage"}]}`

// storyFailed is a retry after a Spot interruption, then a container that ran
// out of memory.
func storyFailed() *world {
	w := newWorld(workflow.Failed)
	id := w.submit(w.begin(), "a1")
	id = w.event(id, workflow.TaskFailed, because("SpotInterrupted", `{"stopCode":"SpotInterruption","stoppedReason":"Your Spot Task was interrupted.","containers":[{"name":"job","exitCode":143}]}`), later(10*time.Minute))
	w.stopTask("a1", "SpotInterruption", "Your Spot Task was interrupted.", 143, "")
	w.write("a1", "dumping orders", "terminated")
	id = w.submit(id, "b2")
	w.stopTask("b2", "EssentialContainerExited", "Essential container in task exited", 137, "OutOfMemoryError: Container killed due to memory usage")
	w.write("b2", "dumping orders", "-- Table `orders`", "mysqldump: Error 2013: Lost connection to server during query when dumping table `orders` at row: 8123441")
	id = w.event(id, workflow.TaskFailed, because("OutOfMemory", memoryCause), later(30*time.Minute))
	w.event(id, workflow.ExecutionFailed, because("OutOfMemory", memoryCause))
	w.close(workflow.Failed, "OutOfMemory", memoryCause)
	w.run.RedriveStatus = workflow.Redrivable
	return w
}

func storySucceeded() *world {
	w := newWorld(workflow.Succeeded)
	id := w.submit(w.begin(), "a1")
	w.stopTask("a1", "EssentialContainerExited", "Essential container in task exited", 0, "")
	w.write("a1", "dumping orders", "done")
	output := `{"bytes":73400320,"object":"s3://dumps/orders.sql.zst"}`
	id = w.event(id, workflow.TaskSucceeded, func(e *workflow.Event) { e.Output = output }, later(20*time.Minute))
	id = w.event(id, "TaskStateExited", ofState("Run"), func(e *workflow.Event) { e.Output = output })
	id = w.event(id, "SucceedStateEntered", ofState("Done"))
	id = w.event(id, "SucceedStateExited", ofState("Done"))
	w.event(id, workflow.ExecutionSucceeded, func(e *workflow.Event) { e.Output = output })
	w.close(workflow.Succeeded, "", "")
	w.run.Output = output
	return w
}

func storyRunning() *world {
	w := newWorld(workflow.Running)
	w.submit(w.begin(), "a1")
	w.write("a1", "dumping orders", "row 1000000")
	return w
}

// storyStuck is an open token whose task has stopped.
func storyStuck() *world {
	w := newWorld(workflow.Running)
	w.submit(w.begin(), "a1")
	w.stopTask("a1", "EssentialContainerExited", "Essential container in task exited", 137, "")
	return w
}

// storyWaiting stands between two attempts.
func storyWaiting() *world {
	w := newWorld(workflow.Running)
	w.event(w.submit(w.begin(), "a1"), workflow.TaskFailed, because("Job.Failed", `{"reason":"the job ended with exit code 2","exitCode":2,"tail":"connecting\nAccess denied for user 'dump'@'%'\n"}`), later(5*time.Minute))
	w.stopTask("a1", "EssentialContainerExited", "Essential container in task exited", 2, "")
	return w
}

// storyRedriven failed by the entrypoint's report, and was redriven.
func storyRedriven() *world {
	w := newWorld(workflow.Failed)
	cause := `{"reason":"the job ended with exit code 2","command":"dump orders","exitCode":2,"seconds":12.5,"tail":"connecting\nAccess denied for user 'dump'@'%'\n"}`
	id := w.submit(w.begin(), "a1")
	w.stopTask("a1", "EssentialContainerExited", "Essential container in task exited", 2, "")
	id = w.event(w.event(id, workflow.TaskFailed, because("Job.Failed", cause), later(time.Minute)), workflow.ExecutionFailed, because("Job.Failed", cause))
	id = w.event(id, workflow.ExecutionRedriven, func(e *workflow.Event) { e.RedriveCount = 1 }, later(5*time.Minute))
	id = w.submit(id, "b2")
	w.stopTask("b2", "EssentialContainerExited", "Essential container in task exited", 2, "")
	id = w.event(id, workflow.TaskFailed, because("Job.Failed", cause), later(time.Minute))
	w.event(id, workflow.ExecutionFailed, because("Job.Failed", cause))
	w.close(workflow.Failed, "Job.Failed", cause)
	w.run.RedriveCount, w.run.RedriveStatus = 1, workflow.Redrivable
	return w
}

const branchesMachine = `{"StartAt":"Both","States":{
	"Both":{"Type":"Parallel","Next":"Each","Branches":[
		{"StartAt":"Dump","States":{"Dump":{"Type":"Task","Resource":"arn:aws:states:::ecs:runTask.waitForTaskToken","End":true}}},
		{"StartAt":"Clean","States":{"Clean":{"Type":"Pass","End":true}}}]},
	"Each":{"Type":"Map","Next":"Large","ItemProcessor":{"StartAt":"Upload","States":{"Upload":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","End":true}}}},
	"Large":{"Type":"Choice","Choices":[{"Variable":"$.n","NumericGreaterThan":5,"Next":"Pause"}],"Default":"End"},
	"Pause":{"Type":"Wait","Seconds":60,"Next":"Large"},
	"End":{"Type":"Succeed"}}}`

// storyBranches is a Parallel, then a Map of which one iteration still works.
func storyBranches() *world {
	w := newWorld(workflow.Running)
	w.definition = branchesMachine
	id := w.event(0, workflow.ExecutionStarted)
	both := w.event(w.event(id, "ParallelStateEntered", ofState("Both")), workflow.ParallelStateStarted)
	dump := w.submit(w.event(both, "TaskStateEntered", ofState("Dump")), "a1")
	clean := w.event(both, "PassStateEntered", ofState("Clean"))
	w.event(clean, "PassStateExited", ofState("Clean"))
	w.stopTask("a1", "EssentialContainerExited", "Essential container in task exited", 0, "")
	dump = w.event(w.event(dump, workflow.TaskSucceeded, later(3*time.Minute)), "TaskStateExited", ofState("Dump"))
	id = w.event(w.event(dump, workflow.ParallelStateSucceeded), "ParallelStateExited", ofState("Both"))
	started := w.event(w.event(id, "MapStateEntered", ofState("Each")), workflow.MapStateStarted, func(e *workflow.Event) { e.Length = 3 })
	for i := range 3 {
		it := w.event(started, workflow.MapIterationStarted, ofState("Each"), func(e *workflow.Event) { e.Index = i })
		it = w.event(w.event(it, "TaskStateEntered", ofState("Upload")), workflow.TaskScheduled, func(e *workflow.Event) { e.ResourceType, e.Resource = "lambda", "invoke" })
		it = w.event(it, workflow.TaskStarted)
		if i < 2 {
			it = w.event(w.event(it, workflow.TaskSucceeded, later(time.Minute)), "TaskStateExited", ofState("Upload"))
			w.event(it, workflow.MapIterationSucceeded, ofState("Each"), func(e *workflow.Event) { e.Index = i })
		}
	}
	return w
}

// hostileText is text that would move the cursor, hide, reorder or break lines.
const hostileText = "\x1b[2J\x1b]0;owned\x07\u202egnirts\u202c 表\u0301 👩‍👩‍👧 \x9b31m \xff\xfe \tend"

func storyHostile() *world {
	w := newWorld(workflow.Failed)
	w.run.Name = safe.Line("run-" + hostileText)
	state := "Run " + hostileText
	w.definition = `{"StartAt":` + strconv.Quote("Run "+"表 \u202egnirts") + `,"States":{}}`
	id := w.event(0, workflow.ExecutionStarted)
	id = w.submit(w.event(id, "TaskStateEntered", ofState(state), func(e *workflow.Event) { e.Input = hostileText }), "a1")
	w.stopTask("a1", "EssentialContainerExited", hostileText, 1, hostileText)
	w.write("a1", hostileText, "FAILED\rOK", hostileText+hostileText+hostileText)
	id = w.event(id, workflow.TaskFailed, because(hostileText, hostileText+"\n"+hostileText))
	w.event(id, workflow.ExecutionFailed, because(hostileText, hostileText+"\n"+hostileText))
	w.close(workflow.Failed, hostileText, hostileText+"\n"+hostileText)
	w.run.Input = hostileText
	return w
}

// storyLong is a run with n events: a loop of a Choice and a Wait.
func storyLong(n int) *world {
	w := newWorld(workflow.Failed)
	w.definition = branchesMachine
	id := w.event(0, workflow.ExecutionStarted)
	for len(w.events) < n-2 {
		id = w.event(w.event(id, "WaitStateEntered", ofState("Pause")), "WaitStateExited", ofState("Pause"))
	}
	id = w.event(id, "FailStateEntered", ofState("End"))
	w.event(id, workflow.ExecutionFailed, because("TooLong", "the history is too long"))
	w.close(workflow.Failed, "TooLong", "the history is too long")
	return w
}

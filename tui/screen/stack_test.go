package screen

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// stackScreens are the stack's screens with the keys that lead to what is shown.
var stackScreens = map[string]struct {
	world func() *stackWorld
	keys  []string
}{
	"resources":   {deployedStack, nil},
	"parameters":  {deployedStack, []string{"2"}},
	"outputs":     {deployedStack, []string{"3"}},
	"drift":       {deployedStack, []string{"d"}},
	"image":       {deployedStack, []string{"5"}},
	"last":        {failedStack, []string{"6"}},
	"failed":      {failedStack, nil},
	"none":        {firstDeployment, []string{"2"}},
	"plan":        {deployedStack, []string{"U"}},
	"plan-iam":    {deployedStack, []string{"U", "2"}},
	"plan-values": {deployedStack, []string{"U", "3"}},
	"plan-checks": {deployedStack, []string{"U", "4"}},
	"lossy":       {deployedStack, []string{"U", "U"}},
	"delete":      {deployedStack, []string{"X"}},
	"base":        {deployedStack, []string{"B"}},
}

func TestTheStackAtEverySizeAndLook(t *testing.T) {
	for screen, s := range stackScreens {
		for look, options := range allLooks {
			for _, size := range allSizes {
				if size.w != 80 && look != "16" || look != "16" && screen != "resources" && screen != "plan" {
					continue // the layout is the same in every look
				}
				name := fmt.Sprintf("stack_%s_%s_%d", screen, look, size.w)
				t.Run(name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						d := s.world().open(t, options, size.w, size.h)
						d.Press(s.keys...)
						d.Advance(time.Second)
						if err := tuitest.Exact(d.Frame(), size.w, size.h); err != nil {
							t.Error(err)
						}
						if look == "none" && strings.Contains(d.Frame(), "\x1b[3") {
							t.Error("a colour is written although there are none")
						}
						tuitest.Golden(t, name, d.Frame())
					})
				})
			}
		}
	}
}

// onStack opens a world's stack at 120×40 and lets the test use it.
func onStack(t *testing.T, world func() *stackWorld, use func(*stackWorld, *tuitest.Driver)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := world()
		use(w, w.open(t, ansi16, 120, 40))
	})
}

func TestAFailedStackLeavesItsResourcesRoomOnALowTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := failedStack().open(t, ansi16, 60, 15)
		d.Advance(time.Second)
		shown(t, d, "TaskDefinition (ECS::TaskDefinition): No Fargate", "The last update of stack", "Repository", "Artifacts", "Cluster")
	})
}

func TestAPlanIsReviewedAndDeployed(t *testing.T) {
	onStack(t, deployedStack, func(w *stackWorld, d *tuitest.Driver) {
		d.Press("U")
		shown(t, d, "1 replaced", "1 deleted", "1 taken out and kept", "ContainerDefinitions.0.Image", "replaces  by ImageUri", "IAM 1", "checks 1")
		absent(t, d, "s3:AbortMultipartUpload")
		d.Press("2")
		shown(t, d, "TaskRole", "s3:AbortMultipartUpload")
		d.Press("U")
		shown(t, d, "This is lost:", "Cluster (ECS::Cluster) replaced", "Reaper", "Type dumps:")
		absent(t, d, "Artifacts (S3::Bucket)")
		answerDialog(d, "y", "enter")
		if w.called("Deploy") != 0 {
			t.Fatal("it was deployed without the stack's name")
		}
		d.Press("backspace")
		d.Type("dumps")
		d.Press("enter")
		d.Advance(100 * time.Millisecond)
		shown(t, d, "UPDATE_IN_PROGRESS", "TaskDefinition", "esc leaves this screen; the work goes on")
		d.Advance(3 * time.Second)
		shown(t, d, "UPDATE_COMPLETE", "2 of 2 resources", "the deployment of stack dumps is done")
		if w.called("Deploy") != 1 || w.called("Discard") != 0 {
			t.Errorf("calls: %v", w.calls)
		}
	})
}

func TestAPlanThatIsLeftIsDropped(t *testing.T) {
	for _, key := range []string{"esc", "q"} {
		onStack(t, deployedStack, func(w *stackWorld, d *tuitest.Driver) {
			d.Press("U", key)
			d.Advance(time.Second)
			shown(t, d, "1 resources", "UPDATE_COMPLETE")
			if w.called("Discard") != 1 || w.called("Deploy") != 0 {
				t.Errorf("calls: %v", w.calls)
			}
		})
	}
}

func TestNoChangesIsSuccess(t *testing.T) {
	onStack(t, deployedStack, func(w *stackWorld, d *tuitest.Driver) {
		w.plan = stack.Plan{Stack: "dumps"}
		d.Press("U")
		shown(t, d, "no changes: stack dumps is as its template and its values say")
	})
}

func TestChecksThatFailKeepAPlanFromBeingDeployed(t *testing.T) {
	onStack(t, firstDeployment, func(w *stackWorld, d *tuitest.Driver) {
		blocker := stack.Finding{
			Severity: stack.Blocker, Subject: safe.Line("/dumps/db/password"), Sentence: safe.Line("The secret does not exist."),
			Next: safe.Line("make it: stepdeck secret set /dumps/db/password"),
		}
		w.plan = stack.Plan{Stack: "dumps", Creates: true, Findings: []stack.Finding{blocker}}
		w.why = &stack.Refused{Blockers: []stack.Finding{blocker}}
		d.Press("U")
		answerDialog(d, "enter")
		shown(t, d, "checks that stop it: 1", "The secret does not exist.", "stepdeck secret set /dumps/db/password")
		d.Press("U")
		shown(t, d, "the checks stop it: esc", "tab 2 sets values, W secrets; then U plans again")
		d.Press("esc")
		if w.called("Discard") != 0 {
			t.Error("a change set was dropped that was never made")
		}
	})
}

func TestAPlanThatCannotBeMadeIsToldInPlace(t *testing.T) {
	onStack(t, deployedStack, func(w *stackWorld, d *tuitest.Driver) {
		w.why = &ops.Problem{Kind: ops.Denied, Title: safe.Line("AWS denied CreateChangeSet"), Hint: safe.Line("stepdeck iam deployer prints a policy")}
		d.Press("U")
		shown(t, d, "AWS denied CreateChangeSet", "stepdeck iam deployer", "1 resources")
	})
}

func TestAFailedDeploymentHasItsFirstReasonOnTop(t *testing.T) {
	onStack(t, deployedStack, func(w *stackWorld, d *tuitest.Driver) {
		w.plan.Changes = w.plan.Changes[3:4]
		failed := operation(time.Now().UTC(), "UPDATE_ROLLBACK_IN_PROGRESS", "Workflow UPDATE_COMPLETE 3", "TaskDefinition UPDATE_FAILED 4")
		failed.Resources[1].Reason = noSuchSize()
		failed.Failed = &stack.Event{Logical: "TaskDefinition", Type: "AWS::ECS::TaskDefinition", Status: "UPDATE_FAILED", Reason: noSuchSize()}
		w.steps = []stack.Progress{failed}
		w.end = &ops.Problem{Kind: ops.Failed, Title: safe.Line("stack dumps was rolled back"), Detail: noSuchSize(), Hint: safe.Line("choose 1024 MiB, and deploy again")}
		d.Press("U", "U")
		answerDialog(d, "y")
		line := 0
		for i, text := range strings.Split(d.Text(), "\n") {
			if strings.Contains(text, "TaskDefinition (ECS::TaskDefinition): No Fargate configuration") {
				line = i
			}
		}
		if line == 0 || line > 5 {
			t.Errorf("the reason stands in line %d:\n%s", line, d.Text())
		}
		d.Advance(5 * time.Second)
		shown(t, d, "stack dumps was rolled back", "choose 1024 MiB, and deploy again", "the deployment of stack dumps: stack dumps was rolled back")
	})
}

func TestLeavingADeploymentDoesNotEndIt(t *testing.T) {
	onStack(t, deployedStack, func(w *stackWorld, d *tuitest.Driver) {
		w.plan.Changes = w.plan.Changes[3:4]
		d.Press("U", "U")
		answerDialog(d, "y")
		shown(t, d, "esc leaves this screen")
		d.Press("esc")
		d.Advance(time.Second)
		shown(t, d, "1 resources", "deploy dumps 1/2")
		d.Advance(2 * time.Second)
		shown(t, d, "the deployment of stack dumps is done")
		absent(t, d, "deploy dumps")
	})
}

func TestWatchingEndsWithItsScreen(t *testing.T) {
	onStack(t, deployedStack, func(w *stackWorld, d *tuitest.Driver) {
		w.state.Stack.Status = "UPDATE_IN_PROGRESS"
		w.state.Way = stack.StuckState("dumps", "UPDATE_IN_PROGRESS")
		d.Press("r")
		shown(t, d, "AWS is at work on stack dumps", "w watches.")
		d.Press("U")
		shown(t, d, "AWS is at work on the stack (UPDATE_IN_PROGRESS); w watches")
		d.Press("w")
		d.Advance(100 * time.Millisecond)
		shown(t, d, "TaskDefinition", "esc stops watching; the work goes on in AWS")
		d.Press("esc")
		shown(t, d, "1 resources")
	})
}

func TestEveryStuckStateOffersItsOneWayOut(t *testing.T) {
	for status, want := range map[stack.Status]string{
		stack.UpdateRollbackFailed: "Go on with the rollback?",
		stack.RollbackComplete:     "Delete stack dumps?",
		stack.CreateFailed:         "Delete stack dumps?",
		stack.RollbackFailed:       "Delete stack dumps?",
		stack.DeleteFailed:         "Delete stack dumps?",
		stack.ReviewInProgress:     "The plan updates dumps",
		stack.UpdateFailed:         "The plan updates dumps",
	} {
		t.Run(string(status), func(t *testing.T) {
			onStack(t, deployedStack, func(w *stackWorld, d *tuitest.Driver) {
				w.state.Stack.Status, w.state.Way = status, stack.StuckState("dumps", status)
				d.Press("r")
				shown(t, d, string(status), w.state.Way.Sentence.String()[:30])
				d.Press("F")
				shown(t, d, want)
			})
		})
	}
}

func TestTheRollbackGoesOn(t *testing.T) {
	onStack(t, failedStack, func(w *stackWorld, d *tuitest.Driver) {
		d.Press("F")
		answerDialog(d, "y")
		if w.called("Recover continue-rollback") != 1 {
			t.Errorf("calls: %v", w.calls)
		}
	})
}

func TestAFirstDeploymentIsFilledIn(t *testing.T) {
	onStack(t, firstDeployment, func(w *stackWorld, d *tuitest.Driver) {
		shown(t, d, "NOT DEPLOYED", "there is no stack dumps here yet: U plans its first deployment")
		d.Press("2")
		shown(t, d, "VpcId", "needed: enter sets it")
		d.Press("/")
		d.Type("TaskCpu")
		d.Press("enter", "enter")
		answerDialog(d, "down", "enter")
		shown(t, d, "512  (default 256)", "1 value to deploy")
		d.Press("esc", "/")
		d.Type("Freshness")
		d.Press("enter", "enter")
		d.Advance(time.Second)
		d.Press("backspace")
		d.Type("900")
		d.Press("enter")
		shown(t, d, "0 to 168")
		d.Press("backspace", "backspace", "backspace")
		d.Type("24")
		d.Press("enter", "U")
		answerDialog(d, "down", "enter")
		if !w.asked[0].Adopt {
			t.Error("what an earlier stack left is not taken in")
		}
		got := w.asked[0].Parameters
		if got["TaskCpu"] != "512" || got["FreshnessHours"] != "24" || len(got) != 2 {
			t.Errorf("planned with %v", got)
		}
	})
}

func TestAValueSetBackIsNotPlanned(t *testing.T) {
	onStack(t, deployedStack, func(w *stackWorld, d *tuitest.Driver) {
		for _, key := range []string{"down", "up"} {
			d.Press("2", "/")
			d.Type("TaskCpu")
			d.Press("enter", "enter")
			answerDialog(d, key, "enter")
			d.Press("esc")
		}
		absent(t, d, "to deploy")
		d.Press("U")
		if len(w.asked[0].Parameters) != 0 {
			t.Errorf("planned with %v", w.asked[0].Parameters)
		}
	})
}

func TestASecretIsNeverShown(t *testing.T) {
	onStack(t, deployedStack, func(w *stackWorld, d *tuitest.Driver) {
		const value = "hunter2-s3cr3t"
		d.Press("W")
		shown(t, d, "/dumps/db/user", "/dumps/db/password")
		answerDialog(d, "down", "enter")
		d.Press("enter")
		shown(t, d, "a secret is not empty")
		for _, r := range value {
			d.Type(string(r))
			if strings.Contains(d.Text(), "hunter") || d.Shows("***") {
				t.Fatalf("the value is on the screen:\n%s", d.Text())
			}
		}
		d.Press("enter")
		shown(t, d, "/dumps/db/password is set, version 3")
		absent(t, d, "hunter")
		if w.set.Name != "/dumps/db/password" || w.set.Value.Reveal() != value {
			t.Errorf("set %s", w.set.Name)
		}
		d.Press("!")
		absent(t, d, "hunter")
	})
}

func TestTheImageIsBuiltPushedAndPlanned(t *testing.T) {
	onStack(t, deployedStack, func(w *stackWorld, d *tuitest.Driver) {
		d.Press("5")
		shown(t, d, "1 critical, 4 medium", "the scan found nothing", "fedcba987654", "which was pushed", "images that no task definition names: 2")
		d.Press("B")
		shown(t, d, "the base of the deployed image", "on public.ecr.aws/docker/library/mariadb:11.8, 0123456789ab")
		answerDialog(d, "enter")
		shown(t, d, "Build the image and push it?", "on public.ecr.aws/docker/library/mariadb:11.8, 0123456789ab")
		answerDialog(d, "y")
		shown(t, d, "built sha256:fedcba", "of 40 MiB")
		d.Advance(10 * time.Second)
		shown(t, d, "pushed as ", "U on the stack plans its deployment")
		d.Press("esc", "U")
		if got := w.asked[0].Parameters["ImageUri"]; got != repository+"@"+digestNew {
			t.Errorf("planned with the image %q", got)
		}
	})
}

func TestAnImageThatIsPushedAfterItsScreenWasLeftIsPlannedToo(t *testing.T) {
	onStack(t, deployedStack, func(w *stackWorld, d *tuitest.Driver) {
		d.Press("B")
		answerDialog(d, "enter")
		answerDialog(d, "y")
		shown(t, d, "built sha256:fedcba")
		d.Press("esc")
		absent(t, d, "1 value to deploy")
		d.Advance(10 * time.Second)
		shown(t, d, "1 value to deploy")
		d.Press("U")
		if got := w.asked[0].Parameters["ImageUri"]; got != repository+"@"+digestNew {
			t.Errorf("planned with the image %q", got)
		}
	})
}

func TestTheNewestImageIsPlannedByEnter(t *testing.T) {
	onStack(t, deployedStack, func(w *stackWorld, d *tuitest.Driver) {
		shown(t, d, "image is not the newest")
		d.Press("5", "enter")
		if got := w.asked[0].Parameters["ImageUri"]; got != repository+"@"+digestNew {
			t.Errorf("planned with the image %q", got)
		}
	})
}

func TestAStackIsDeletedByItsName(t *testing.T) {
	onStack(t, deployedStack, func(w *stackWorld, d *tuitest.Driver) {
		d.Press("X")
		shown(t, d, "resources that are deleted: 4", "kept in AWS, with what is in it:", "Artifacts dumps-artifacts-123456789012-eu-west-1", "live tasks: 2", "Type dumps:")
		answerDialog(d, "enter")
		d.Type("dumps")
		d.Press("enter")
		d.Advance(5 * time.Second)
		if w.called("Delete dumps") != 1 {
			t.Errorf("calls: %v", w.calls)
		}
	})
}

func TestReadOnlyLooksAndChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := deployedStack()
		c := w.console(ansi16)
		c.Env.ReadOnly = true
		d := newAccount().open(t, c, newStack(c, ""), 120, 40)
		d.Advance(time.Second)
		for _, key := range []string{"U", "F", "B", "W", "X"} {
			d.Press(key)
			shown(t, d, "read-only: nothing can be changed from here")
			d.Advance(time.Minute)
		}
		d.Press("d")
		shown(t, d, "MODIFIED", `{"Action":"s3:*"}`)
		for _, change := range []string{"Plan", "Deploy", "Recover", "Delete", "SetSecret", "Build"} {
			if w.called(change) != 0 {
				t.Errorf("%s was called", change)
			}
		}
	})
}

func TestTheStackIsReachedFromHomeAndByItsName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := deployedStack()
		c := w.console(ansi16)
		d := newAccount().open(t, c, NewHome(c), 120, 40)
		d.Advance(time.Second)
		d.Press("i")
		shown(t, d, "stack dumps", "1 resources")
		d.Press("esc", ":")
		d.Type("stack other")
		d.Press("enter")
		shown(t, d, "stack other")
		if w.called("Status other") != 1 {
			t.Errorf("calls: %v", w.calls)
		}
		d.Press("esc", ":")
		d.Type("stack No_Name")
		d.Press("enter")
		shown(t, d, "is no name of a stack")
	})
}

func TestAStackThatCannotBeReadSaysWhyAndComesBack(t *testing.T) {
	onStack(t, func() *stackWorld {
		w := deployedStack()
		w.fail = &ops.Problem{Kind: ops.Throttled, Title: safe.Line("AWS throttles DescribeStacks")}
		return w
	}, func(w *stackWorld, d *tuitest.Driver) {
		shown(t, d, "AWS throttles DescribeStacks", "not read yet")
		w.fail = nil
		d.Advance(time.Minute)
		shown(t, d, "UPDATE_COMPLETE")
		w.fail = errors.New("gone away")
		d.Advance(time.Minute)
		shown(t, d, "gone away", "TaskDefinition")
	})
}

func TestTheActionsOfTheStackShareNoKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := deployedStack()
		c := w.console(theme.Options{})
		x := newStack(c, "").(*stackScreen)
		d := newAccount().open(t, c, x, 80, 24)
		d.Advance(time.Second)
		for tab := range stackTabNames {
			x.goTo(stackTab(tab))
			if err := tuitest.Conflicts(x.Actions()); err != nil {
				t.Error(err)
			}
		}
	})
}

//go:build engine

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/local"
	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
	"github.com/stepdeck/stepdeck/container/dbtest"
)

// sizeBudget is the most that the image for databases may have, compressed: pulling it is most of
// a task's start.
const sizeBudget = 50_000_000

// building has an engine build a target of the Dockerfile. Its containers reach the packages over
// this computer's own network.
func building(target string) []string {
	return []string{"--file", "../../container/Dockerfile", "--context", "../..", "--target", target, "--", "--network", "host"}
}

// newEngineStation is a station whose tasks are containers of the image, deployed as a user does.
func newEngineStation(t *testing.T) (*station, image.Pushed) {
	t.Helper()
	s := startStation(t, local.Options{Runner: local.RunnerDocker})
	pushed := s.pushes(t, "database")
	exits0(t, s.run(t, "stack", "deploy", "--yes", "--image", pushed.URI))
	return s, pushed
}

// pushes builds a target of the Dockerfile and pushes it.
func (s *station) pushes(t *testing.T, target string) image.Pushed {
	t.Helper()
	return built[image.Pushed](t, s, append([]string{"image", "push", "--yes"}, building(target)...)...)
}

// built runs a command that builds, as long as the whole test may take, and reads its JSON.
func built[T any](t *testing.T, s *station, args ...string) T {
	t.Helper()
	var out, problems transcript
	a := s.app
	a.in, a.out, a.err = strings.NewReader(""), &out, &problems
	if code := a.execute(t.Context(), append([]string{"--local", "--output", "json"}, args...)); code != exitDone {
		t.Fatalf("exit code %d: %s", code, problems.String())
	}
	return decoded[T](t, out.String())
}

// engine runs docker and returns what it prints.
func engine(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("docker", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("docker %s: %v: %s", args[0], err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestTheImageInAnEngine(t *testing.T) {
	s, pushed := newEngineStation(t)
	t.Run("built again", func(t *testing.T) { s.buildsAgain(t, pushed) })
	t.Run("deployed", func(t *testing.T) { s.tellsTheImage(t, pushed) })
	t.Run("confined", s.confines)
	t.Run("a dump", s.dumpsFromTheImage)
	t.Run("stopped", s.endsByStopTask)
	t.Run("killed", s.endsByKill)
	t.Run("out of memory", s.endsByMemory)
	t.Run("image jobs", s.convertsImages)
	shippedtest.Eventually(t, "the removal of the containers", func() error {
		if left := engine(t, "ps", "--all", "--quiet", "--filter", "label=stepdeck.task"); left != "" {
			return fmt.Errorf("left are %s", left)
		}
		return nil
	})
}

// buildsAgain wants the digest of the first build though every command runs again, and an image
// within its budget.
func (s *station) buildsAgain(t *testing.T, pushed image.Pushed) {
	again := built[image.Built](t, s, append(append([]string{"image", "build"}, building("database")...), "--no-cache")...)
	if again.Digest != pushed.Digest {
		t.Errorf("built %s, then %s", pushed.Digest, again.Digest)
	}
	if again.Bytes > sizeBudget {
		t.Errorf("the image has %d bytes compressed, more than %d", again.Bytes, sizeBudget)
	}
	t.Logf("%d bytes compressed", again.Bytes)
}

func (s *station) tellsTheImage(t *testing.T, pushed image.Pushed) {
	o := s.run(t, "image", "status", "--output", "json")
	exits0(t, o)
	status := decoded[image.Status](t, o.out)
	if status.Deployed == nil || status.Deployed.Image != pushed.URI || status.Newest == nil || status.Newest.Digest != pushed.Digest || status.Outdated() {
		t.Errorf("the status is %s", o.out)
	}
}

// confines looks about from inside a task.
func (s *station) confines(t *testing.T) {
	o := s.run(t, "start", "--name", "confined", "--follow", shippedtest.Machine, "--", "sh", "-c",
		`id -u; touch /file || echo the root is fixed; touch /work/file && echo work is open; grep CapBnd /proc/self/status; tr '\0' ' ' </proc/1/cmdline`)
	exits0(t, o)
	has(t, o.out, "65532\n", "the root is fixed", "work is open", "CapBnd: 0000000000000000", "/usr/local/bin/steprun sh -c")
}

func (s *station) dumpsFromTheImage(t *testing.T) {
	server := dbtest.StartMariaDB(t)
	server.Seed(1000)
	s.setParameter(t, shippedtest.UserSecret, dbtest.User)
	s.setParameter(t, shippedtest.PasswordSecret, dbtest.Password)
	o := s.dump(t, server.Port, "dump", dbtest.Database, "mysql-dump")
	exits0(t, o)
	has(t, o.out, "mysql-dump: read back: 3 tables, 2000 rows", "SUCCEEDED")
	var output struct{ Rows, Bytes json.Number }
	run := s.describe(t, s.arn("dump"))
	if err := json.Unmarshal([]byte(*run.Output), &output); err != nil || output.Rows != "2000" {
		t.Errorf("%v in %s", err, *run.Output)
	}
	if stored := s.stored(t); len(stored) != 1 {
		t.Errorf("the bucket has %v", stored)
	}
}

// hang starts a task that waits, and gives its container once the job speaks.
func (s *station) hang(t *testing.T, name string) (container string) {
	t.Helper()
	exits0(t, s.run(t, "start", "--name", name, shippedtest.Machine, "--", "drill", "hang"))
	shippedtest.Eventually(t, "the container of "+name, func() error {
		container = engine(t, "ps", "--quiet", "--filter", "label=stepdeck.task")
		if container == "" || !strings.Contains(engine(t, "logs", container), "drill: hang: 1 s") {
			return fmt.Errorf("the container %q says nothing", container)
		}
		return nil
	})
	return container
}

// ends wants a run that failed with an error, whose cause tells words.
func (s *station) ends(t *testing.T, name, want string, words ...string) {
	t.Helper()
	var cause string
	shippedtest.Eventually(t, "the end of "+name, func() error {
		run := s.describe(t, s.arn(name))
		if run.Status != types.ExecutionStatusFailed {
			return fmt.Errorf("it is %s", run.Status)
		}
		if aws.ToString(run.Error) != want {
			t.Fatalf("ended with %s: %s; want %s", aws.ToString(run.Error), aws.ToString(run.Cause), want)
		}
		cause = causeText(aws.ToString(run.Cause))
		return nil
	})
	has(t, cause, words...)
}

func (s *station) endsByStopTask(t *testing.T) {
	s.hang(t, "stopped")
	tasks := ecs.NewFromConfig(s.config())
	running, err := tasks.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: &shippedtest.Cluster})
	if err != nil || len(running.TaskArns) != 1 {
		t.Fatalf("the tasks are %v, %v", running, err)
	}
	if _, err := tasks.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: &shippedtest.Cluster, Task: &running.TaskArns[0], Reason: aws.String("seen enough")}); err != nil {
		t.Fatal(err)
	}
	// The job's own code after SIGTERM shows that PID 1 passed the signal on and was not killed.
	s.ends(t, "stopped", "TaskStopped", "seen enough", "143")
}

// endsByKill wants the attempt to fail by the reaper. The run goes on: what was killed from outside
// is tried again.
func (s *station) endsByKill(t *testing.T) {
	engine(t, "kill", "--signal", "KILL", s.hang(t, "killed"))
	arn := s.arn("killed")
	shippedtest.Eventually(t, "the end of the attempt", func() error {
		if ends := s.attempts(t, arn); len(ends) == 0 {
			return errors.New("there is none")
		}
		return nil
	})
	for _, event := range s.history(t, arn) {
		if failed := event.TaskFailedEventDetails; failed != nil {
			is(t, aws.ToString(failed.Error), "TaskExited")
			has(t, causeText(aws.ToString(failed.Cause)), "137")
		}
	}
	exits0(t, s.run(t, "stop", "killed", "--stop-task", "--yes"))
}

func (s *station) endsByMemory(t *testing.T) {
	exits0(t, s.run(t, "start", "--name", "memory", "--cpu", "256", "--memory", strconv.Itoa(512), shippedtest.Machine, "--", "drill", "oom"))
	s.ends(t, "memory", "OutOfMemory", "drill: oom")
}

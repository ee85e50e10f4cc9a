package infra_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func arguments(w *walk, retries int) object {
	w.t.Helper()
	if w.at != "Run" {
		w.t.Fatalf("reached %s (problem %v), want Run", w.at, w.vars["problem"])
	}
	return w.value(w.state()["Arguments"], object{"context": runContext(retries)}).(object)
}

func container(args object) object {
	return args["Overrides"].(object)["ContainerOverrides"].([]any)[0].(object)
}

func environment(args object) map[string]string {
	out := map[string]string{}
	for _, e := range container(args)["Environment"].([]any) {
		out[e.(object)["Name"].(string)] = e.(object)["Value"].(string)
	}
	return out
}

func TestRunWithEmptyInputSendsOnlyTheTokenAndKeepsTheTaskDefinition(t *testing.T) {
	got := arguments(start(t, workflow, runValues, object{}), 0)
	want := object{
		"Cluster":                  runValues["ClusterArn"],
		"TaskDefinition":           runValues["TaskDefinition"],
		"CapacityProviderStrategy": []any{object{"CapacityProvider": "FARGATE_SPOT", "Weight": 1.0}},
		"NetworkConfiguration": object{"AwsvpcConfiguration": object{
			"Subnets": []any{"subnet-a", "subnet-b"}, "SecurityGroups": []any{"sg-1"}, "AssignPublicIp": "DISABLED",
		}},
		"PropagateTags": "TASK_DEFINITION",
		"Overrides": object{"ContainerOverrides": []any{object{"Name": "job", "Environment": []any{
			object{"Name": "TASK_TOKEN", "Value": "AQCAAAAAKgAAAAMAAAAA=secret"},
			object{"Name": "STEPRUN_HEARTBEAT_SECONDS", "Value": "300"},
		}}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRunTurnsInputIntoOverrides(t *testing.T) {
	w := start(t, workflow, runValues, fromJSON(t, `{
		"args": ["mysql-dump", 3, true],
		"env": {"DB_NAME": "shop", "ROWS": 12, "WHERE": {"id": [1]}, "EMPTY": "",
			"TASK_TOKEN": "forged", "STEPRUN_HEARTBEAT_SECONDS": "1", "STEPRUN_OUTPUT": "/etc/passwd"},
		"cpu": 1024, "memory": 2048}`))
	got := arguments(w, 0)
	if diff := cmp.Diff([]any{"mysql-dump", "3", "true"}, container(got)["Command"]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{
		"TASK_TOKEN": "AQCAAAAAKgAAAAMAAAAA=secret", "STEPRUN_HEARTBEAT_SECONDS": "300",
		"DB_NAME": "shop", "ROWS": "12", "WHERE": `{"id":[1]}`, "EMPTY": "",
	}, environment(got)); diff != "" {
		t.Error(diff)
	}
	overrides := got["Overrides"].(object)
	if overrides["Cpu"] != "1024" || overrides["Memory"] != "2048" {
		t.Errorf("size is %v and %v, want the texts 1024 and 2048", overrides["Cpu"], overrides["Memory"])
	}
}

func TestRunOfOneWordIsStillAList(t *testing.T) {
	got := arguments(start(t, workflow, runValues, fromJSON(t, `{"args": ["drill"], "env": {"A": "1"}}`)), 0)
	if diff := cmp.Diff([]any{"drill"}, container(got)["Command"]); diff != "" {
		t.Error(diff)
	}
	if environment(got)["A"] != "1" {
		t.Errorf("environment is %v", environment(got))
	}
}

func TestRunNeverLetsInputForgeTheCallback(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		name := rapid.OneOf(rapid.Just("TASK_TOKEN"), rapid.StringMatching(`STEPRUN_[A-Z]{0,9}`),
			rapid.StringMatching(`[A-Z_]{1,20}`)).Draw(r, "name")
		value := rapid.String().Draw(r, "value")
		got := arguments(start(t, workflow, runValues, object{"env": object{name: value}}), 0)
		env := container(got)["Environment"].([]any)
		reserved := name == "TASK_TOKEN" || strings.HasPrefix(name, "STEPRUN_")
		if reserved && len(env) != 2 {
			r.Fatalf("%q went through: %v", name, env)
		}
		if !reserved && environment(got)[name] != strings.ToValidUTF8(value, "\uFFFD") {
			r.Fatalf("%q arrived as %q, want %q", name, environment(got)[name], value)
		}
	})
}

func TestRunChoosesCapacity(t *testing.T) {
	for _, c := range []struct {
		input   string
		retries int
		want    string
	}{
		{`{}`, 0, "FARGATE_SPOT"},
		{`{}`, 1, "FARGATE"},
		{`{"capacity":"spot"}`, 0, "FARGATE_SPOT"},
		{`{"capacity":"spot"}`, 2, "FARGATE"},
		{`{"capacity":"fargate"}`, 0, "FARGATE"},
	} {
		got := arguments(start(t, workflow, runValues, fromJSON(t, c.input)), c.retries)
		provider := got["CapacityProviderStrategy"].([]any)[0].(object)["CapacityProvider"]
		if provider != c.want {
			t.Errorf("%s after %d retries runs on %v, want %s", c.input, c.retries, provider, c.want)
		}
	}
}

func TestRunTimesOutAfterItsHeartbeat(t *testing.T) {
	for _, c := range []struct {
		input              string
		timeout, heartbeat float64
	}{
		{`{}`, 7200, 300},
		{`{"timeoutSeconds":60}`, 60, 59},
		{`{"timeoutSeconds":2}`, 2, 1},
		{`{"timeoutSeconds":86400}`, 86400, 300},
	} {
		w := start(t, workflow, runValues, fromJSON(t, c.input))
		env := environment(arguments(w, 0))
		timeout := w.value(w.state()["TimeoutSeconds"], nil)
		heartbeat := w.value(w.state()["HeartbeatSeconds"], nil)
		if timeout != c.timeout || heartbeat != c.heartbeat {
			t.Errorf("%s: timeout %v and heartbeat %v, want %v and %v", c.input, timeout, heartbeat, c.timeout, c.heartbeat)
		}
		if env["STEPRUN_HEARTBEAT_SECONDS"] != fmt.Sprint(c.heartbeat) {
			t.Errorf("%s: the task is told %s, the service waits %v", c.input, env["STEPRUN_HEARTBEAT_SECONDS"], c.heartbeat)
		}
	}
}

func TestBadInputFailsNamingTheField(t *testing.T) {
	for input, want := range map[string]string{
		`"drill"`:                     `must be a JSON object`,
		`["drill"]`:                   `must be a JSON object`,
		`{"arg":["drill"]}`:           `"arg" is unknown. Use args, env, capacity`,
		`{"args":"drill"}`:            `"args" must be a list`,
		`{"env":["A=1"]}`:             `"env" must be a map`,
		`{"capacity":"SPOT"}`:         `"capacity" must be "spot" or "fargate"`,
		`{"cpu":1000}`:                `"cpu" must be one of 256, 512`,
		`{"cpu":"1024"}`:              `"cpu" must be one of 256, 512`,
		`{"memory":100}`:              `"memory" must be a whole number of MiB that Fargate pairs with the cpu, from 512 to 122880`,
		`{"memory":1024.5}`:           `"memory" must be a whole number`,
		`{"timeoutSeconds":1}`:        `"timeoutSeconds" must be a whole number from 2 to 31536000`,
		`{"timeoutSeconds":"60"}`:     `"timeoutSeconds" must be a whole number`,
		`{"timeoutSeconds":31536001}`: `"timeoutSeconds" must be a whole number`,
		`{"overlap":"queue"}`:         `"overlap" must be "skip", "wait" or "allow"`,
	} {
		w := start(t, workflow, runValues, fromJSON(t, input))
		if w.at != "InvalidInput" {
			t.Errorf("%s reached %s, want InvalidInput", input, w.at)
			continue
		}
		if cause := w.value(w.state()["Cause"], nil).(string); !strings.Contains(cause, want) {
			t.Errorf("%s: cause %q does not say %q", input, cause, want)
		}
	}
}

func TestRunStartedByAnotherRunIsAdmitted(t *testing.T) {
	input := fromJSON(t, `{"args":["drill"],"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID":"arn:x"}`)
	if w := start(t, workflow, runValues, input); w.at != "Run" {
		t.Errorf("reached %s, want Run", w.at)
	}
}

func running(entries ...string) object {
	list := []any{}
	for _, e := range entries {
		name, started, _ := strings.Cut(e, " ")
		list = append(list, object{"ExecutionArn": strings.TrimSuffix(runArn, "m") + name, "StartDate": started})
	}
	return object{"Executions": list}
}

func TestOverlap(t *testing.T) {
	me := "m 2026-03-01T10:00:00.500Z"
	for _, c := range []struct {
		name, overlap string
		listed        object
		want          string
	}{
		{"alone", "skip", running(me), "Run"},
		{"older run, skip", "skip", running(me, "a 2026-03-01T09:00:00Z"), "Skipped"},
		{"older run, wait", "wait", running(me, "a 2026-03-01T09:00:00Z"), "WaitForOlder"},
		{"older within the second", "skip", running(me, "z 2026-03-01T10:00:00.499Z"), "Skipped"},
		{"older on the whole second", "skip", running(me, "z 2026-03-01T10:00:00Z"), "Skipped"},
		{"newer run", "skip", running("a 2026-03-01T10:00:01Z", me), "Run"},
		{"same time, smaller name", "skip", running(me, "a 2026-03-01T10:00:00.500Z"), "Skipped"},
		{"same time, greater name", "skip", running(me, "z 2026-03-01T10:00:00.500Z"), "Run"},
		{"list lags behind", "skip", running("a 2026-03-01T09:00:00Z"), "Skipped"},
		{"list lags behind, nothing older", "wait", running("a 2026-03-01T11:00:00Z"), "Run"},
		{"empty list", "wait", running(), "Run"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := start(t, workflow, runValues, object{"overlap": c.overlap})
			if w.at != "ListRunning" {
				t.Fatalf("reached %s, want ListRunning", w.at)
			}
			w.finish(c.listed)
			if w.at != c.want {
				t.Errorf("reached %s with blockers %v, want %s", w.at, w.vars["blockers"], c.want)
			}
		})
	}
}

// Of runs that see each other exactly one goes on: the rule needs no lock.
func TestOverlapLetsExactlyOneGo(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		times := rapid.MapOf(rapid.StringMatching(`[a-z]{1,3}`), rapid.IntRange(0, 2)).
			Filter(func(m map[string]int) bool { return len(m) > 0 }).Draw(r, "runs")
		entries := []string{}
		for _, name := range slices.Sorted(maps.Keys(times)) {
			entries = append(entries, fmt.Sprintf("%s 2026-03-01T10:00:0%dZ", name, times[name]))
		}
		going := 0
		for name := range times {
			w := start(t, workflow, runValues, object{"overlap": "skip"})
			context := runContext(0)
			context["Execution"].(object)["Id"] = strings.TrimSuffix(runArn, "m") + name
			w.assign(w.state()["Assign"], object{"result": running(entries...), "context": context})
			if len(w.vars["blockers"].([]any)) == 0 {
				going++
			}
		}
		if going != 1 {
			r.Fatalf("%d of %v go on", going, entries)
		}
	})
}

func TestWaitingGrowsToAMinute(t *testing.T) {
	w := start(t, workflow, runValues, object{"overlap": "wait"})
	pauses := []float64{}
	for range 6 {
		w.finish(running("m 2026-03-01T10:00:00.500Z", "a 2026-03-01T09:00:00Z"))
		pauses = append(pauses, w.value(w.state()["Seconds"], nil).(float64))
		w.finish(nil)
	}
	if diff := cmp.Diff([]float64{5, 10, 20, 40, 60, 60}, pauses); diff != "" {
		t.Error(diff)
	}
}

func TestSkippedNamesWhatItWaitedFor(t *testing.T) {
	w := start(t, workflow, runValues, object{"overlap": "skip"})
	w.finish(running("a 2026-03-01T09:00:00Z"))
	output := w.value(w.state()["Output"], nil).(object)
	if output["skipped"] != true || !cmp.Equal(output["running"], []any{strings.TrimSuffix(runArn, "m") + "a"}) {
		t.Errorf("output is %v", output)
	}
}

func TestTimeoutStopsTheTaskOfTheLastAttempt(t *testing.T) {
	w := start(t, workflow, runValues, object{})
	w.fail("States.Timeout")
	submitted := func(task string) object {
		return object{"Type": "TaskSubmitted", "TaskSubmittedEventDetails": object{"Output": `{"Tasks":[{"TaskArn":"` + task + `"}]}`}}
	}
	w.finish(object{"Events": []any{
		object{"Type": "TaskTimedOut"}, submitted("task-2"), object{"Type": "TaskFailed"}, submitted("task-1"),
	}})
	stop := w.value(w.state()["Arguments"], object{"context": runContext(0)}).(object)
	if stop["Task"] != "task-2" || stop["Cluster"] != runValues["ClusterArn"] {
		t.Errorf("stops %v", stop)
	}
	w.finish(object{})
	if cause := w.value(w.state()["Cause"], nil).(string); w.at != "TimedOut" ||
		!strings.Contains(cause, "within 7200 seconds") || !strings.Contains(cause, "The task task-2 was stopped.") {
		t.Errorf("%s: %s", w.at, cause)
	}
}

func TestTimeoutSaysWhenTheTaskMayStillRun(t *testing.T) {
	for _, failing := range []string{"FindTask", "StopTask"} {
		w := start(t, workflow, runValues, object{})
		w.fail("States.Timeout")
		if failing == "StopTask" {
			w.finish(object{"Events": []any{object{
				"Type": "TaskSubmitted", "TaskSubmittedEventDetails": object{"Output": `{"Tasks":[{"TaskArn":"task-1"}]}`},
			}}})
		}
		w.fail("Ecs.AccessDeniedException")
		if cause := w.value(w.state()["Cause"], nil).(string); !strings.Contains(cause, "may still run; stop it by hand") {
			t.Errorf("%s fails: cause is %q", failing, cause)
		}
	}
}

func TestWhatTheScriptReportsIsNotCaught(t *testing.T) {
	state := start(t, workflow, runValues, object{}).state()
	caught := state["Catch"].([]any)
	if len(caught) != 1 || !cmp.Equal(caught[0].(object)["ErrorEquals"], []any{"States.Timeout"}) {
		t.Errorf("Run catches %v, want States.Timeout alone: a redrive must run the task again", caught)
	}
	retried := map[any]bool{}
	for _, retrier := range state["Retry"].([]any) {
		for _, name := range retrier.(object)["ErrorEquals"].([]any) {
			retried[name] = true
		}
	}
	for name, want := range map[string]bool{
		"SpotInterrupted": true, "TaskFailedToStart": true, "TaskExited": true, "AmazonECS.Unknown": true,
		"ECS.AmazonECSException": true, "States.HeartbeatTimeout": true, "ScriptRetryable": true,
		"ScriptFailed": false, "OutOfMemory": false, "TaskStopped": false, "States.Timeout": false,
	} {
		if retried[name] != want {
			t.Errorf("%s retried: %v, want %v", name, retried[name], want)
		}
	}
}

package ecs_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// variable is NAME=value for the SDK.
func variable(name, value string) types.KeyValuePair {
	return types.KeyValuePair{Name: aws.String(name), Value: aws.String(value)}
}

func TestEnvironmentIsOnlyWhatTheTaskIsTold(t *testing.T) {
	t.Setenv("AWS_SECRET_ACCESS_KEY", "the-operator's")
	t.Setenv("AWS_PROFILE", "production")
	t.Setenv("LEAK", "yes")
	w := newWorld(t, setup{logs: &recorder{groups: []string{group}, parameters: map[string]string{"/db/password": "hunter2", "key": "k"}}})
	w.cluster()
	in := definition("env")
	in.ContainerDefinitions[0].Environment = []types.KeyValuePair{
		variable("A", "definition"), variable("B", "definition"), variable("AWS_ACCESS_KEY_ID", "AKIAREAL"),
	}
	in.ContainerDefinitions[0].Secrets = []types.Secret{
		{Name: aws.String("PASSWORD"), ValueFrom: aws.String("/db/password")},
		{Name: aws.String("KEY"), ValueFrom: aws.String("arn:aws:ssm:us-east-1:123456789012:parameter/key")},
	}
	w.register(in)
	run := request()
	run.Overrides = &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{
		Name: aws.String("main"), Environment: []types.KeyValuePair{variable("B", "override"), variable("C", "a b=c")},
	}}}
	arn := w.run(run)
	runtime := *w.end(arn).Containers[0].RuntimeId
	got := map[string]string{}
	lines, _ := w.logs.stream(arn)
	for _, line := range lines {
		name, value, _ := strings.Cut(line, "=")
		got[name] = value
	}
	endpoint := got["AWS_ENDPOINT_URL"]
	want := map[string]string{
		"A": "definition", "B": "override", "C": "a b=c", "PASSWORD": "hunter2", "KEY": "k",
		"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
		"AWS_ENDPOINT_URL": endpoint, "ECS_CONTAINER_METADATA_URI_V4": endpoint + "/_local/metadata/" + runtime,
		"HOME": got["TMPDIR"], "TMPDIR": got["TMPDIR"], "PATH": got["PATH"],
	}
	for name, value := range want {
		if got[name] != value || value == "" {
			t.Errorf("%s is %q, want %q", name, got[name], value)
		}
	}
	for name := range got {
		// PWD is the shell's own.
		if _, ok := want[name]; !ok && name != "PWD" && name != "_" && name != "SHLVL" && name != "OLDPWD" {
			t.Errorf("the task was told %s=%s", name, got[name])
		}
	}
	if first, rest, _ := strings.Cut(got["PATH"], ":"); filepath.Base(first) != "scripts" || !strings.Contains(rest, "/usr/bin") {
		t.Errorf("PATH is %s", got["PATH"])
	}
}

func TestTaskHasAFolderOfItsOwn(t *testing.T) {
	w := newWorld(t, setup{})
	arn := w.job(`touch "$TMPDIR/file"; pwd; ls`)
	w.end(arn)
	lines, _ := w.logs.stream(arn)
	if len(lines) != 2 || lines[1] != "file" {
		t.Fatalf("logged %q", lines)
	}
	if _, err := os.Stat(lines[0]); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestCommandOverride(t *testing.T) {
	w := newWorld(t, setup{})
	w.cluster()
	w.register(definition("echo definition"))
	in := request()
	in.Overrides = &types.TaskOverride{
		Cpu: aws.String("1024"), Memory: aws.String("2 GB"),
		ContainerOverrides: []types.ContainerOverride{{Name: aws.String("main"), Command: []string{`echo "$1"`, "two words"}, Memory: aws.Int32(700)}},
	}
	arn := w.run(in)
	task := w.end(arn)
	if got := w.logs.text(arn); got != "two words" {
		t.Errorf("logged %q", got)
	}
	if *task.Cpu != "1024" || *task.Memory != "2048" || *task.Containers[0].Memory != "700" {
		t.Errorf("cpu %s, memory %s, container %s", *task.Cpu, *task.Memory, *task.Containers[0].Memory)
	}
	if got := task.Overrides.ContainerOverrides[0].Command; len(got) != 2 {
		t.Errorf("overrides tell the command %q", got)
	}
}

func TestNothingOfATaskOutlivesIt(t *testing.T) {
	r := processes(t)
	w := newWorld(t, setup{runner: r})
	script := `sleep 600 & echo $!; (trap '' TERM; exec sleep 600) & echo $!`
	if r.LimitsMemory() {
		script += `; setsid sh -c 'echo $$; exec sleep 600' & sleep 0.1`
	}
	arn := w.job(script)
	w.end(arn)
	lines, _ := w.logs.stream(arn)
	if len(lines) < 2 {
		t.Fatalf("logged %q", lines)
	}
	for _, pid := range lines {
		eventually(t, "process "+pid+" is gone", func() bool { return !alive(pid) })
	}
}

func alive(pid string) bool {
	text, err := os.ReadFile("/proc/" + pid + "/stat")
	return err == nil && !strings.Contains(string(text), ") Z ")
}

func TestEssentialContainerTakesTheOthersWithIt(t *testing.T) {
	w := newWorld(t, setup{})
	w.cluster()
	in := definition("sleep 0.1; exit 4")
	in.ContainerDefinitions = append(in.ContainerDefinitions,
		types.ContainerDefinition{Name: aws.String("early"), Image: aws.String(image), Command: []string{"exit 1"}, Essential: aws.Bool(false)},
		types.ContainerDefinition{Name: aws.String("side"), Image: aws.String(image), Command: []string{"exec sleep 600"}, Essential: aws.Bool(false)},
	)
	w.register(in)
	task := w.end(w.run(request()))
	for i, want := range []int32{4, 1, 143} {
		if got := *task.Containers[i].ExitCode; got != want {
			t.Errorf("container %s ended with %d, want %d", *task.Containers[i].Name, got, want)
		}
	}
}

func TestMemoryLimitEndsTheContainer(t *testing.T) {
	r := processes(t)
	if !r.LimitsMemory() {
		t.Skip("this computer lets no process make memory cgroups here (that takes root on Linux): limits are not enforced")
	}
	w := newWorld(t, setup{runner: r})
	w.cluster()
	in := definition(`exec awk 'BEGIN { s = "x"; while (1) s = s s }'`)
	in.ContainerDefinitions[0].Memory = aws.Int32(32)
	w.register(in)
	c := w.end(w.run(request())).Containers[0]
	if *c.ExitCode != 137 || aws.ToString(c.Reason) != "OutOfMemoryError: Container killed due to memory usage" {
		t.Errorf("ended with %d, %q", *c.ExitCode, aws.ToString(c.Reason))
	}
}

func TestEveryLineIsKeptInOrder(t *testing.T) {
	const lines = 60_000
	var refused atomic.Int64
	logs := &recorder{groups: []string{group}, refuse: func(operation string) error {
		if operation == "PutLogEvents" && refused.Add(1)%3 == 0 {
			return wire.Errorf("ThrottlingException", "Rate exceeded")
		}
		return nil
	}}
	w := newWorld(t, setup{logs: logs})
	arn := w.job(fmt.Sprintf(`seq 1 %d; echo >&2 "on stderr"; printf "no end of line"`, lines))
	w.end(arn)
	got, _ := w.logs.stream(arn)
	if len(got) != lines+2 {
		t.Fatalf("%d lines are kept of %d", len(got), lines+2)
	}
	for i := range lines {
		if got[i] != fmt.Sprint(i+1) {
			t.Fatalf("line %d is %q", i+1, got[i])
		}
	}
	if got[lines] != "on stderr" || got[lines+1] != "no end of line" {
		t.Errorf("the log ends %q", got[lines:])
	}
}

func TestLinesAreCutAndCleaned(t *testing.T) {
	const most = 256<<10 - 26
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 300_000)
	for i := range noise {
		noise[i] = byte(random.IntN(256))
	}
	long := "a" + strings.Repeat("é", most)
	text := long + "\n\nbad \xff\xc3( byte\n" + string(noise) + "\nend"
	file := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, setup{})
	arn := w.job("cat " + file)
	w.end(arn)
	got, _ := w.logs.stream(arn)
	for i, line := range got {
		if line == "" || len(line) > most || strings.ToValidUTF8(line, "") != line {
			t.Fatalf("line %d has %d bytes: %.40q", i, len(line), line)
		}
	}
	if strings.Join(got[:3], "") != long || len(got[0]) != most-1 || got[3] != "bad \uFFFD( byte" {
		t.Errorf("the first lines have %d, %d and %d bytes; then %.40q", len(got[0]), len(got[1]), len(got[2]), got[3])
	}
	joined := strings.Join(got, "")
	if want := strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\n", ""); strings.ReplaceAll(joined, "\uFFFD", "") != strings.ReplaceAll(want, "\uFFFD", "") {
		t.Error("characters are lost or out of order")
	}
}

func TestBlockedLogsHoldTheContainerBack(t *testing.T) {
	blocked := make(chan struct{})
	logs := &recorder{groups: []string{group}, refuse: func(operation string) error {
		if operation == "PutLogEvents" {
			<-blocked
		}
		return nil
	}}
	w := newWorld(t, setup{logs: logs})
	progress := filepath.Join(t.TempDir(), "written")
	arn := w.job(`i=0; while [ $i -lt 400 ]; do head -c 65535 /dev/zero | tr '\0' x; echo; i=$((i+1)); echo $i >` + progress + `; done`)
	// A batch is on its way, 4 MiB wait, and the pipe is full: the job stands still.
	written, still := 0, 0
	eventually(t, "the job stands still after 4 MiB", func() bool {
		text, err := os.ReadFile(progress)
		n, numeric := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil || numeric != nil || n != written {
			written, still = n, 0
		}
		still++
		return written >= 64 && still >= 50
	})
	if written > 100 {
		t.Errorf("the job has written %d lines of 64 KiB and nobody took them", written)
	}
	close(blocked)
	w.end(arn)
	if got, _ := w.logs.stream(arn); len(got) != 400 {
		t.Errorf("%d lines are kept of 400", len(got))
	}
}

func TestMetadataEndpoint(t *testing.T) {
	w := newWorld(t, setup{})
	arn := w.job(`trap 'exit 0' TERM; echo $ECS_CONTAINER_METADATA_URI_V4; while :; do sleep 0.01; done`)
	eventually(t, "the address is logged", func() bool { return w.logs.text(arn) != "" })
	for path, want := range map[string]string{
		"":      `"awslogs-stream":"run/main/` + arn[strings.LastIndex(arn, "/")+1:],
		"/task": `"TaskARN":"` + arn,
	} {
		text := get(t, w.logs.text(arn)+path)
		if !strings.Contains(text, want) {
			t.Errorf("GET …%s has no %s: %s", path, want, text)
		}
	}
	w.stop(arn, "")
	w.end(arn)
	if text := get(t, w.logs.text(arn)); !strings.HasPrefix(text, "no task runs") {
		t.Errorf("after the end: %s", text)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestLogsThatAreDownForGoodDoNotHoldCloseUp(t *testing.T) {
	logs := &recorder{groups: []string{group}, refuse: func(operation string) error {
		if operation == "PutLogEvents" {
			return wire.Errorf("ThrottlingException", "Rate exceeded")
		}
		return nil
	}}
	w := newWorld(t, setup{logs: logs})
	arn := w.job("yes")
	eventually(t, "the task runs", func() bool { return *w.task(arn).LastStatus == "RUNNING" })
	w.close()
}

package screen

import (
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

func TestALogStreamHasItsPageInTheWebConsole(t *testing.T) {
	const task = "arn:aws:ecs:eu-west-1:123456789012:task/main/a1"
	const page = "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Fecs$252Fdump/log-events/job$252Fjob$252Fa1"
	ref := workflow.LogRef{Group: "/ecs/dump", Stream: "job/job/a1", Container: "job", TaskARN: task}
	if got := (&Console{}).logPage(ref); got != page {
		t.Errorf("got %s", got)
	}
	ref.Region = "us-east-1"
	if got, want := (&Console{}).logPage(ref), "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#"; got[:len(want)] != want {
		t.Errorf("a log in another region: %s", got)
	}
	if got := (&Console{}).logPage(workflow.LogRef{}); got != "" {
		t.Errorf("no stream has the page %s", got)
	}
	if got := (&Console{Place: Place{Local: true}}).logPage(ref); got != "" {
		t.Errorf("local AWS has no web console, got %s", got)
	}
}

func TestTheLogsPageIsOfTheStreamShown(t *testing.T) {
	a := newAccount()
	p := newLogPane(a.console(ansi16), workflow.Run{Name: safe.Line("r")})
	if got := p.page(); got != "" {
		t.Errorf("before the first line: %s", got)
	}
	var batch tui.Batch[feedItem]
	for i, stream := range []string{"job/job/a1", "job/job/b2"} {
		item := ops.TailItem{Attempt: i + 1, Container: "job", TaskARN: "arn:aws:ecs:eu-west-1:1:task/main/x"}
		item.Log = workflow.LogRef{Group: "g", Stream: stream, TaskARN: item.TaskARN}
		item.Line = workflow.LogLine{Time: time.Unix(int64(i), 0), Text: safe.Line("x"), Raw: "x"}
		batch.Items = append(batch.Items, feedItem{TailItem: item})
	}
	p.take(batch)
	if got, want := p.page(), p.console.logPage(batch.Items[1].Log); got == "" || got != want {
		t.Errorf("of all: %s, want the last one's %s", got, want)
	}
	p.lines.ShowSource(safe.Line("job"), 1)
	if got, want := p.page(), p.console.logPage(batch.Items[0].Log); got != want {
		t.Errorf("of the first attempt: %s, want %s", got, want)
	}
}

package widget_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
	"github.com/stepdeck/stepdeck/tui/widget"
)

const video = `{
  "StartAt": "Validate",
  "States": {
    "Validate": {"Type": "Task", "Next": "CheckType"},
    "CheckType": {"Type": "Choice", "Choices": [
      {"Variable": "$.type", "StringEquals": "batch", "Next": "RunBatch"},
      {"Variable": "$.type", "StringEquals": "stream", "Next": "RunStream"}], "Default": "FailState"},
    "RunBatch": {"Type": "Task", "Next": "FanOut", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "HandleError"}]},
    "FanOut": {"Type": "Parallel", "Next": "Merge", "Branches": [
      {"StartAt": "Resize", "States": {"Resize": {"Type": "Task", "End": true}}},
      {"StartAt": "Probe", "States": {
        "Probe": {"Type": "Task", "Next": "IsVideo"},
        "IsVideo": {"Type": "Choice", "Choices": [{"Variable": "$.v", "BooleanEquals": true, "Next": "Transcode"}], "Default": "Skip"},
        "Transcode": {"Type": "Task", "End": true}, "Skip": {"Type": "Pass", "End": true}}}]},
    "RunStream": {"Type": "Task", "Next": "Merge", "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "HandleError"}]},
    "Merge": {"Type": "Pass", "Next": "WaitJob"},
    "WaitJob": {"Type": "Wait", "Next": "PollJob"},
    "PollJob": {"Type": "Choice", "Choices": [
      {"Variable": "$.s", "StringEquals": "running", "Next": "WaitJob"},
      {"Variable": "$.s", "StringEquals": "done", "Next": "Success"}], "Default": "HandleError"},
    "Success": {"Type": "Succeed"},
    "HandleError": {"Type": "Task", "Next": "FailState"},
    "FailState": {"Type": "Fail"}
  }
}`

func graphOf(t testing.TB, doc string) widget.Graph {
	t.Helper()
	d, err := workflow.ParseDefinition(doc)
	if err != nil {
		t.Fatal(err)
	}
	return widget.NewGraph(&d)
}

func TestLanesLooks(t *testing.T) {
	look := colours()
	lanes := widget.NewLanes(look)
	lanes.SetGraph(graphOf(t, video))
	happened := map[safe.Text]widget.Look{}
	for name, s := range map[string]workflow.Status{"Validate": workflow.Succeeded, "CheckType": workflow.Succeeded, "RunBatch": workflow.Failed, "HandleError": workflow.Running} {
		sign := look.Status(s)
		happened[safe.Line(name)] = widget.Look{Glyph: sign.Glyph, Role: sign.Role, Columns: []widget.Span{
			{Text: safe.Line(sign.Word), Role: sign.Role}, {Text: safe.Line("41m 12s")}, {Text: safe.Line("×3"), Role: theme.Dim},
		}}
	}
	lanes.SetLooks(happened)
	press(t, lanes, "j j")
	looksAt(t, "lanes", lanes, [2]int{80, 18}, [2]int{120, 18})
	lanes.SetLooks(nil)
	looksAt(t, "lanes_plain", lanes, [2]int{60, 10})
}

func TestLanesKeepTheStatusBesideTheName(t *testing.T) {
	lanes := widget.NewLanes(plain())
	lanes.SetGraph(graphOf(t, `{"StartAt":"Export","States":{"Export":{"Type":"Task","Next":"Tell"},"Tell":{"Type":"Succeed"}}}`))
	lanes.SetLooks(map[safe.Text]widget.Look{safe.Line("Tell"): {Columns: []widget.Span{{Text: safe.Line("succeeded")}}}})
	for _, w := range []int{40, 200} {
		row := strings.Split(lanes.View(w, 2), "\n")[1]
		if !strings.Contains(row, "Tell    succeeded") {
			t.Errorf("at %d columns: %q", w, row)
		}
	}
}

func TestLanesShareTheOrderOfRows(t *testing.T) {
	g := graphOf(t, video)
	lanes := widget.NewLanes(plain())
	lanes.SetGraph(g)
	for i, row := range g.Rows() {
		name, ok := lanes.Current()
		if !ok || name != row.Name {
			t.Fatalf("row %d is %q, want %q", i, name, row.Name)
		}
		press(t, lanes, "j")
	}
}

// anyGraph is n states with edges to any of them, and branches.
func anyGraph(r *rapid.T, n, depth int, prefix string) widget.Graph {
	g := widget.Graph{Title: safe.Line(prefix)}
	name := func(i int) safe.Text { return text("%sState%d", prefix, i) }
	for i := range n {
		s := widget.GraphState{Name: name(i), Kind: rapid.SampledFrom([]string{"Task", "Choice", "Wait", "Parallel", "Fail", "?"}).Draw(r, "kind"), End: rapid.Bool().Draw(r, "end")}
		for range rapid.IntRange(0, 5).Draw(r, "edges") {
			s.Edges = append(s.Edges, widget.GraphEdge{
				To: name(rapid.IntRange(0, n).Draw(r, "to")), Label: safe.Line(rapid.SampledFrom([]string{"", "States.ALL", "표 = 1"}).Draw(r, "label")), Catch: rapid.Bool().Draw(r, "catch"),
			})
		}
		if depth > 0 && s.Kind == "Parallel" {
			s.Branches = append(s.Branches, anyGraph(r, min(n, 4), depth-1, fmt.Sprintf("%s%d.", prefix, i)))
		}
		g.States = append(g.States, s)
	}
	return g
}

func TestLanesAlwaysFit(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		lanes := widget.NewLanes(colours())
		lanes.SetGraph(anyGraph(r, rapid.IntRange(0, 12).Draw(r, "states"), 2, ""))
		alwaysFits(r, lanes)
	})
}

func TestEveryStateOfABigGraphIsNamedAt80(t *testing.T) {
	var states []string
	const n = 240
	for i := range n - 1 {
		states = append(states, fmt.Sprintf(`"State%03d":{"Type":"Choice","Choices":[{"Variable":"$.x","NumericEquals":1,"Next":"State%03d"},{"Variable":"$.x","NumericEquals":2,"Next":"State%03d"}],"Default":"State%03d"}`, i, i+1, min(n-1, i*2+3), i/2))
	}
	states = append(states, fmt.Sprintf(`"State%03d":{"Type":"Succeed"}`, n-1))
	lanes := widget.NewLanes(plain())
	lanes.SetGraph(graphOf(t, `{"StartAt":"State000","States":{`+strings.Join(states, ",")+`}}`))
	frame := lanes.View(80, n)
	if err := tuitest.Exact(frame, 80, n); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if name := fmt.Sprintf("State%03d", i); !strings.Contains(frame, name) {
			t.Errorf("%s is not to be seen", name)
		}
	}
}

func BenchmarkLanes240(b *testing.B) {
	var g widget.Graph
	for i := range 240 {
		g.States = append(g.States, widget.GraphState{Name: text("State%d", i), Edges: []widget.GraphEdge{{To: text("State%d", i+1)}, {To: text("State%d", min(239, i+7)), Label: safe.Line("x"), Catch: true}}})
	}
	lanes := widget.NewLanes(colours())
	lanes.SetGraph(g)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		lanes.Key(key([]string{"j", "G", "k", "g"}[i%4]))
		_ = lanes.View(120, 50)
	}
}

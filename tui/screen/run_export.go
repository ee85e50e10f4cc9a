package screen

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

// runExport is a run in the file that `e` saves.
type runExport struct {
	workflow.Run
	EventsMissing int              `json:"eventsMissing"`
	Events        []workflow.Event `json:"events"`
	Steps         []workflow.Step  `json:"steps"`
	Tasks         []workflow.Task  `json:"tasks,omitempty"`
}

// export writes all that was read of the run as JSON, tokens masked.
func (d *runData) export() ([]byte, error) {
	out := runExport{Run: d.run, EventsMissing: d.missing, Events: d.events, Steps: d.steps}
	for _, a := range d.tasked() {
		if t := d.task(a.Attempt); t != nil {
			out.Tasks = append(out.Tasks, *t)
		}
	}
	doc, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write run %s as JSON: %w", d.run.Name, err)
	}
	return append([]byte(workflow.MaskTokens(string(doc))), '\n'), nil
}

// Subject is the run, with the value under the cursor of the open tab.
func (r *runScreen) Subject() *tui.Selection {
	return &tui.Selection{
		Value: r.value(), ARN: r.data.run.ARN, URL: r.webPage(),
		Export: r.data.export, File: fileName(r.data.run.Name.String()) + ".json",
	}
}

// webPage is the run's page in the web console; on the tabs of the task and of
// the log that of the log stream, where it is known.
func (r *runScreen) webPage() string {
	page := ""
	if r.tab == TabTask || r.tab == TabLog {
		page = cmp.Or(r.log.page(), r.console.logPage(r.data.tail.stream()))
	}
	return cmp.Or(page, r.console.runPage(r.data.run.ARN))
}

// fileName keeps of a name what is harmless in the name of a file.
func fileName(name string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
			return c
		default:
			return '-'
		}
	}, name)
}

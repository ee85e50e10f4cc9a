package screen

import (
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/filter"
)

// machineFields are what the filter line asks machines for.
var machineFields = []string{"name", "type"}

// machineFacts is a machine as the filter line sees it.
type machineFacts struct {
	row *machineRow
	now time.Time
}

// Text implements filter.Fields.
func (m machineFacts) Text() filter.Text { return filter.NewText(m.row.machine.Name) }

// Field implements filter.Fields.
func (m machineFacts) Field(name string) filter.Text {
	if name == "type" {
		return filter.NewText(typeWord(m.row.machine.Type), safe.Line(string(m.row.machine.Type)))
	}
	return m.Text()
}

// Age implements filter.Fields.
func (m machineFacts) Age() (time.Duration, bool) {
	return m.now.Sub(m.row.machine.Created), !m.row.machine.Created.IsZero()
}

// typeWord is how a list writes the type of a machine.
func typeWord(t workflow.MachineType) safe.Text {
	if t == workflow.Express {
		return safe.Line("expr")
	}
	return safe.Line("std")
}

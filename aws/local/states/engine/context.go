package engine

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// scope is what the expressions of the frame's state see.
func (r *Run) scope(f *frame) asl.Scope {
	return asl.Scope{Context: r.context(f), Vars: f.vars}
}

// context is the context object of the frame's state (AWS: "Accessing
// execution data from the Context object").
func (r *Run) context(f *frame) *jsonv.Object {
	execution := jsonv.NewObject(
		"Id", r.record.ARN, "Input", r.input, "StartTime", instant(r.record.StartDate),
		"Name", r.record.Name, "RoleArn", r.record.RoleARN,
	)
	if !r.record.Express {
		execution.Set("RedriveCount", number(int64(r.record.RedriveCount)))
	}
	if r.record.RedriveCount > 0 {
		execution.Set("RedriveTime", instant(r.record.RedriveDate))
	}
	state := jsonv.NewObject("Name", f.State, "EnteredTime", instant(f.EnteredAt))
	if f.state().Type == asl.Task {
		state.Set("RetryCount", number(f.RetryCount))
	}
	context := jsonv.NewObject(
		"Execution", execution,
		"StateMachine", jsonv.NewObject("Id", r.record.MachineARN, "Name", r.name),
		"State", state,
	)
	for at := f; at != nil; at = at.parent {
		if at.Item != nil {
			context.Set("Map", mapContext(at.Item))
			break
		}
	}
	if f.Task != nil && f.Task.Token != "" {
		context.Set("Task", jsonv.NewObject("Token", f.Task.Token))
	}
	return context
}

func mapContext(over *item) *jsonv.Object {
	return jsonv.NewObject("Item", jsonv.NewObject("Index", number(int64(over.Index)), "Value", over.Value.v))
}

// instant is a time as the context object has it, without a fraction of zero.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999Z") }

func number(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

package engine

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
	"github.com/stepdeck/stepdeck/aws/local/states/history"
	"github.com/stepdeck/stepdeck/aws/local/store"
)

// bucket holds runs, frames and events under one roof, so that a step's
// changes are written all or none.
const bucket = "states.runs"

type journal struct{ store *store.Store }

func runKey(seq int64) string       { return fmt.Sprintf("run/%012d", seq) }
func frameKeys(seq int64) string    { return fmt.Sprintf("frame/%012d", seq) }
func eventKeys(seq int64) string    { return fmt.Sprintf("event/%012d/", seq) }
func eventKey(seq, id int64) string { return fmt.Sprintf("%s%05d", eventKeys(seq), id) }

// write keeps what changed in a run.
func (j journal) write(record Record, frames []*frame, events []history.Event) error {
	records := make([]store.Record, 0, 1+len(frames)+len(events))
	for _, event := range events {
		records = append(records, store.Record{Key: eventKey(record.Seq, event.ID), Value: event})
	}
	for _, f := range frames {
		records = append(records, store.Record{Key: frameKeys(record.Seq) + f.path, Value: f.saved})
	}
	records = append(records, store.Record{Key: runKey(record.Seq), Value: record})
	return j.store.PutAll(bucket, records)
}

func (j journal) dropFrames(seq int64) error { return j.store.DeletePrefix(bucket, frameKeys(seq)) }

// Records calls f with every run kept, in the order of their start.
func (e *Engine) Records(f func(Record)) error {
	return store.Load(e.journal.store, bucket, "run/", func(_ string, record *Record) error {
		f(*record)
		return nil
	})
}

// Events are those of a run with ids from first to last, in that order.
func (e *Engine) Events(seq, first, last int64) ([]history.Event, error) {
	var events []history.Event
	for hundred := first / 100; hundred <= last/100; hundred++ {
		prefix := fmt.Sprintf("%s%03d", eventKeys(seq), hundred)
		err := e.journal.store.Each(bucket, prefix, func(key string, text []byte) error {
			id := key[strings.LastIndexByte(key, '/')+1:]
			switch {
			case id < fmt.Sprintf("%05d", first):
				return nil
			case id > fmt.Sprintf("%05d", last):
				return store.ErrEnough
			}
			var event history.Event
			if err := json.Unmarshal(text, &event); err != nil {
				return err
			}
			events = append(events, event)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read the history: %w", err)
		}
	}
	return events, nil
}

// loadFrames reads the tree of a run that has not succeeded.
func (j journal) loadFrames(seq int64, machine *asl.Machine) (*frame, error) {
	all := map[string]saved{}
	err := store.Load(j.store, bucket, frameKeys(seq), func(key string, s *saved) error {
		all[strings.TrimPrefix(key, frameKeys(seq))] = *s
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the frames: %w", err)
	}
	return attach(all, "", nil, machine), nil
}

// attach builds the frame at path and those below it; nil when it has no record.
func attach(all map[string]saved, path string, parent *frame, machine *asl.Machine) *frame {
	s, ok := all[path]
	if !ok {
		return nil
	}
	f := &frame{saved: s, path: path, parent: parent, machine: machine}
	var outer *asl.Vars
	if parent != nil {
		outer = parent.vars
	}
	f.vars = asl.NewVars(outer)
	if s.Vars != nil {
		f.vars.Set(s.Vars)
	}
	f.Vars = f.vars.Own()
	if f.Fan == nil {
		return f
	}
	f.children = make([]*frame, f.Fan.Total)
	for i := range f.children {
		f.children[i] = attach(all, f.childPath(i), f, f.childMachine(i))
	}
	return f
}

// outputs are the children's, in order.
func (f *frame) outputs() []any {
	list := make([]any, len(f.children))
	for i, child := range f.children {
		list[i] = jsonv.Clone(child.Output.v)
	}
	return list
}

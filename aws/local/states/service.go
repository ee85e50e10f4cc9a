// Package states is the Step Functions of local AWS: its API, on top of the
// engine that carries out runs.
package states

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/states/engine"
	"github.com/stepdeck/stepdeck/aws/local/states/tasks"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// Options say what the service works with. All are needed.
type Options struct {
	Store           *store.Store
	Clock           clock.Clock
	Region, Account string
	Log             *slog.Logger
	// Invoke calls an operation of another service, or of this one, for Task
	// states; its errors are *wire.Error.
	Invoke func(ctx context.Context, service, operation string, body []byte) ([]byte, error)
	// TaskStopped waits until an ECS task is STOPPED and returns its
	// description in the words of DescribeTasks.
	TaskStopped func(ctx context.Context, cluster, taskARN string) ([]byte, error)
}

// Service is Step Functions. Its owner closes it.
type Service struct {
	opts   Options
	engine *engine.Engine

	mu        sync.RWMutex
	machines  map[string]*machine      // by ARN
	revisions map[string]*revision     // by id
	runs      map[string]*engine.Run   // by ARN
	byMachine map[string][]*engine.Run // by the machine's ARN, in order of start
	lastSeq   int64                    // of the latest run
}

// New loads machines and runs from the store. Open runs know their tokens at
// once and go on after Recover.
func New(opts Options) (*Service, error) {
	s := &Service{
		opts: opts, machines: map[string]*machine{}, revisions: map[string]*revision{},
		runs: map[string]*engine.Run{}, byMachine: map[string][]*engine.Run{},
	}
	var err error
	s.engine, err = engine.New(engine.Config{
		Store: opts.Store, Region: opts.Region, Log: opts.Log,
		Services: tasks.Services{Invoke: opts.Invoke, TaskStopped: opts.TaskStopped, RunEnded: s.runEnded, Clock: opts.Clock},
	})
	if err != nil {
		return nil, err
	}
	if err := s.load(); err != nil {
		s.engine.Close()
		return nil, err
	}
	return s, nil
}

// Recover goes on with the runs that were open when the service was closed.
// Call it once every service that tasks may call is there.
func (s *Service) Recover() {
	s.mu.RLock()
	runs := make([]*engine.Run, 0, len(s.runs))
	for _, run := range s.runs {
		runs = append(runs, run)
	}
	s.mu.RUnlock()
	for _, run := range runs {
		if err := run.Resume(); err != nil {
			s.opts.Log.Error("a run could not go on", "run", run.Record().ARN, "error", err)
		}
	}
}

// Close stands the runs still and waits for the calls that they make.
func (s *Service) Close() { s.engine.Close() }

// API is the service for the router.
func (s *Service) API() wire.Service {
	return wire.Service{
		Name: "states", Target: "AWSStepFunctions", JSON: "1.0", ErrorSpace: "com.amazonaws.swf.service.v2.model",
		Operations: map[string]wire.Handler{
			"CreateStateMachine":               wire.Op(s.createMachine),
			"UpdateStateMachine":               wire.Op(s.updateMachine),
			"DeleteStateMachine":               wire.Op(s.deleteMachine),
			"DescribeStateMachine":             wire.Op(s.describeMachine),
			"ListStateMachines":                wire.Op(s.listMachines),
			"ValidateStateMachineDefinition":   wire.Op(s.validateDefinition),
			"StartExecution":                   wire.Op(s.startExecution),
			"StartSyncExecution":               wire.Op(s.startSync),
			"StopExecution":                    wire.Op(s.stopExecution),
			"RedriveExecution":                 wire.Op(s.redriveExecution),
			"DescribeExecution":                wire.Op(s.describeExecution),
			"DescribeStateMachineForExecution": wire.Op(s.describeMachineForExecution),
			"ListExecutions":                   wire.Op(s.listExecutions),
			"GetExecutionHistory":              wire.Op(s.getHistory),
			"SendTaskSuccess":                  wire.Op(s.sendTaskSuccess),
			"SendTaskFailure":                  wire.Op(s.sendTaskFailure),
			"SendTaskHeartbeat":                wire.Op(s.sendTaskHeartbeat),
			"TagResource":                      wire.Op(s.tagResource),
			"UntagResource":                    wire.Op(s.untagResource),
			"ListTagsForResource":              wire.Op(s.listTags),
		},
	}
}

// load reads what an earlier service kept.
func (s *Service) load() error {
	if err := s.loadMachines(); err != nil {
		return err
	}
	var broken error
	err := s.engine.Records(func(record engine.Record) {
		of := s.revisions[record.Revision]
		if of == nil {
			broken = errors.Join(broken, fmt.Errorf("run %s: its definition is not in the store", record.ARN))
			return
		}
		run, err := s.engine.Load(record, of.Name, of.machine)
		if err != nil {
			broken = errors.Join(broken, err)
			return
		}
		s.add(record, run)
	})
	if err := errors.Join(err, broken); err != nil {
		return fmt.Errorf("load runs: %w", err)
	}
	return nil
}

func (s *Service) add(record engine.Record, run *engine.Run) {
	s.runs[record.ARN] = run
	s.byMachine[record.MachineARN] = append(s.byMachine[record.MachineARN], run)
	s.lastSeq = max(s.lastSeq, record.Seq)
}

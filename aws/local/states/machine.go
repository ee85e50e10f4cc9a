package states

import (
	"fmt"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

const (
	machineBucket  = "states.machines"
	revisionBucket = "states.revisions"

	standard = "STANDARD"
	express  = "EXPRESS"

	active   = "ACTIVE"
	deleting = "DELETING"
)

// machine is a state machine.
type machine struct {
	ARN, Name, Type string
	// Revision is the id of the definition that new runs get.
	Revision     string
	CreationDate time.Time
	Deleting     bool
	Tags         []tag
}

// revision is one state of what UpdateStateMachine can change.
type revision struct {
	ID         string
	MachineARN string
	Name       string
	Definition string
	RoleARN    string
	Logging    *logging
	Tracing    tracing
	UpdateDate time.Time
	First      bool // the API shows no id of a machine's first revision
	machine    *asl.Machine
}

// logging is a loggingConfiguration.
type logging struct {
	Level                string        `json:"level"`
	IncludeExecutionData bool          `json:"includeExecutionData"`
	Destinations         []destination `json:"destinations,omitempty"`
}

type destination struct {
	Group struct {
		ARN string `json:"logGroupArn,omitempty"`
	} `json:"cloudWatchLogsLogGroup"`
}

// tracing is a tracingConfiguration.
type tracing struct {
	Enabled bool `json:"enabled"`
}

// logLevels are those of a loggingConfiguration.
var logLevels = []string{"ALL", "ERROR", "FATAL", "OFF"}

// orDefault is the configuration as AWS shows it when none was given.
func (l *logging) orDefault() *logging {
	if l == nil {
		return &logging{Level: "OFF"}
	}
	filled := *l
	if filled.Level == "" {
		filled.Level = "OFF"
	}
	return &filled
}

func (l *logging) check() error {
	if l == nil || l.Level == "" {
		return nil
	}
	var v wire.Violations
	v.Enum("loggingConfiguration.level", l.Level, logLevels...)
	if err := v.Err(); err != nil {
		return err
	}
	if len(l.Destinations) > 1 || (l.Level != "OFF" && (len(l.Destinations) != 1 || l.Destinations[0].Group.ARN == "")) {
		return wire.Errorf("InvalidLoggingConfiguration", "Invalid Logging Configuration: Must specify exactly one Log Destination.")
	}
	return nil
}

func (r *revision) publicID() string {
	if r.First {
		return ""
	}
	return r.ID
}

func (s *Service) loadMachines() error {
	err := store.Load(s.opts.Store, revisionBucket, "", func(_ string, r *revision) (err error) {
		if r.machine, err = asl.Parse(r.Definition); err != nil {
			return fmt.Errorf("definition of %s: %w", r.MachineARN, err)
		}
		s.revisions[r.ID] = r
		return nil
	})
	if err != nil {
		return fmt.Errorf("load definitions: %w", err)
	}
	err = store.Load(s.opts.Store, machineBucket, "", func(_ string, m *machine) error {
		s.machines[m.ARN] = m
		return nil
	})
	if err != nil {
		return fmt.Errorf("load machines: %w", err)
	}
	return nil
}

// keep writes a machine and, when it is new, a revision; nothing is changed in
// memory when that fails. The caller holds the lock.
func (s *Service) keep(m machine, r *revision) error {
	if r != nil {
		if err := s.opts.Store.Put(revisionBucket, r.ID, r); err != nil {
			return fmt.Errorf("keep the definition of %s: %w", m.Name, err)
		}
	}
	if err := s.opts.Store.Put(machineBucket, m.Name, m); err != nil {
		return fmt.Errorf("keep machine %s: %w", m.Name, err)
	}
	if r != nil {
		s.revisions[r.ID] = r
	}
	s.machines[m.ARN] = &m
	return nil
}

// find is the machine of an ARN. The caller holds the lock.
func (s *Service) find(arn string) (*machine, error) {
	if m := s.machines[arn]; m != nil {
		if err := s.sweep(m); err != nil {
			return nil, err
		}
	}
	if m := s.machines[arn]; m != nil {
		return m, nil
	}
	return nil, wire.Errorf("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'", arn)
}

// sweep takes a machine away that is being deleted, once its last run has
// ended. The caller holds the lock.
func (s *Service) sweep(m *machine) error {
	if !m.Deleting || s.hasOpenRuns(m.ARN) {
		return nil
	}
	if err := s.opts.Store.Delete(machineBucket, m.Name); err != nil {
		return fmt.Errorf("delete machine %s: %w", m.Name, err)
	}
	delete(s.machines, m.ARN)
	return nil
}

func (s *Service) hasOpenRuns(arn string) bool {
	for _, run := range s.byMachine[arn] {
		if !run.Record().Closed() {
			return true
		}
	}
	return false
}

// findActive is find for what a machine that is being deleted refuses.
func (s *Service) findActive(arn string) (*machine, error) {
	m, err := s.find(arn)
	if err == nil && m.Deleting {
		return nil, wire.Errorf("StateMachineDeleting", "State Machine is being deleted: '%s'", arn)
	}
	return m, err
}

func (s *Service) now() time.Time { return s.opts.Clock.Now().UTC().Truncate(time.Millisecond) }

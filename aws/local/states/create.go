package states

import (
	"context"
	"reflect"

	"github.com/stepdeck/stepdeck/aws/local/asl"
	"github.com/stepdeck/stepdeck/aws/local/ids"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

type createMachineInput struct {
	Name        *string  `json:"name"`
	Definition  *string  `json:"definition"`
	RoleARN     *string  `json:"roleArn"`
	Type        *string  `json:"type"`
	Logging     *logging `json:"loggingConfiguration"`
	Tracing     tracing  `json:"tracingConfiguration"`
	Tags        []tag    `json:"tags"`
	Publish     bool     `json:"publish"`
	Description *string  `json:"versionDescription"`
}

type createMachineOutput struct {
	ARN          string        `json:"stateMachineArn"`
	CreationDate *wire.Seconds `json:"creationDate"`
}

func (in *createMachineInput) check() error {
	var v wire.Violations
	v.Required("name", in.Name != nil)
	v.Required("definition", in.Definition != nil)
	checkARN(&v, "roleArn", in.RoleARN)
	checkOptional(&v, "name", in.Name, 1, longestName)
	if in.Type != nil {
		v.Enum("type", *in.Type, standard, express)
	}
	checkTags(&v, in.Tags)
	if err := v.Err(); err != nil {
		return err
	}
	if err := tooLong("definition", in.Definition, longestDefinition); err != nil {
		return err
	}
	if in.Publish || in.Description != nil {
		return noVersions()
	}
	if err := checkName(*in.Name); err != nil {
		return err
	}
	if err := checkRole(*in.RoleARN); err != nil {
		return err
	}
	return in.Logging.check()
}

func noVersions() error {
	return wire.Errorf("ValidationException", "Local AWS keeps no versions of state machines. Leave out 'publish' and 'versionDescription'.")
}

// checkRole refuses what is not an ARN at all. (AWS also asks IAM.)
func checkRole(arn string) error {
	if len(arn) < 4 || arn[:4] != "arn:" {
		return invalidARN("Invalid ARN prefix: " + arn)
	}
	return nil
}

func (s *Service) createMachine(_ context.Context, in *createMachineInput) (*createMachineOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	kind := standard
	if in.Type != nil {
		kind = *in.Type
	}
	parsed, err := parse(*in.Definition, kind)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now, arn := s.now(), s.machineARN(*in.Name)
	if existing, err := s.findActive(arn); err == nil {
		return s.createAgain(existing, in, kind)
	} else if existing := s.machines[arn]; existing != nil {
		return nil, err
	}
	r := &revision{
		ID: ids.UUID(), MachineARN: arn, Name: *in.Name, Definition: *in.Definition, RoleARN: *in.RoleARN,
		Logging: in.Logging, Tracing: in.Tracing, UpdateDate: now, First: true, machine: parsed,
	}
	m := machine{ARN: arn, Name: *in.Name, Type: kind, Revision: r.ID, CreationDate: now, Tags: mergeTags(nil, in.Tags)}
	if err := s.keep(m, r); err != nil {
		return nil, err
	}
	return &createMachineOutput{ARN: arn, CreationDate: wire.SecondsOf(now)}, nil
}

// createAgain answers a request for a machine that is there: role and tags do
// not count (AWS: CreateStateMachine is idempotent).
func (s *Service) createAgain(m *machine, in *createMachineInput, kind string) (*createMachineOutput, error) {
	r := s.revisions[m.Revision]
	asked := revision{Definition: *in.Definition, RoleARN: r.RoleARN, Logging: in.Logging, Tracing: in.Tracing}
	if m.Type != kind || !asked.same(r) {
		return nil, wire.Errorf("StateMachineAlreadyExists", "State Machine Already Exists: '%s'", m.ARN)
	}
	return &createMachineOutput{ARN: m.ARN, CreationDate: wire.SecondsOf(m.CreationDate)}, nil
}

// parse reads a definition for a machine of the type.
func parse(definition, kind string) (*asl.Machine, error) {
	if found := diagnose(definition, kind); len(found) > 0 {
		invalid := &asl.InvalidDefinition{Diagnostics: found}
		return nil, wire.Errorf("InvalidDefinition", "%s", invalid.Error())
	}
	return asl.Parse(definition)
}

type updateMachineInput struct {
	ARN         *string  `json:"stateMachineArn"`
	Definition  *string  `json:"definition"`
	RoleARN     *string  `json:"roleArn"`
	Logging     *logging `json:"loggingConfiguration"`
	Tracing     *tracing `json:"tracingConfiguration"`
	Publish     bool     `json:"publish"`
	Description *string  `json:"versionDescription"`
}

type updateMachineOutput struct {
	UpdateDate *wire.Seconds `json:"updateDate"`
	RevisionID string        `json:"revisionId,omitempty"`
}

func (in *updateMachineInput) check() error {
	var v wire.Violations
	checkARN(&v, "stateMachineArn", in.ARN)
	checkOptional(&v, "roleArn", in.RoleARN, 1, longestARN)
	if err := v.Err(); err != nil {
		return err
	}
	if err := tooLong("definition", in.Definition, longestDefinition); err != nil {
		return err
	}
	if err := ofKind(*in.ARN, "stateMachine"); err != nil {
		return err
	}
	if in.Publish || in.Description != nil {
		return noVersions()
	}
	if in.Definition == nil && in.RoleARN == nil && in.Logging == nil && in.Tracing == nil {
		return wire.Errorf("MissingRequiredParameter",
			"Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified")
	}
	if in.RoleARN != nil {
		if err := checkRole(*in.RoleARN); err != nil {
			return err
		}
	}
	return in.Logging.check()
}

func (s *Service) updateMachine(_ context.Context, in *updateMachineInput) (*updateMachineOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.findActive(*in.ARN)
	if err != nil {
		return nil, err
	}
	before := s.revisions[m.Revision]
	after := *before
	if in.Definition != nil {
		after.Definition = *in.Definition
		if after.machine, err = parse(after.Definition, m.Type); err != nil {
			return nil, err
		}
	}
	if in.RoleARN != nil {
		after.RoleARN = *in.RoleARN
	}
	if in.Logging != nil {
		after.Logging = in.Logging
	}
	if in.Tracing != nil {
		after.Tracing = *in.Tracing
	}
	if after.same(before) {
		return &updateMachineOutput{UpdateDate: wire.SecondsOf(before.UpdateDate), RevisionID: before.publicID()}, nil
	}
	after.ID, after.First, after.UpdateDate = ids.UUID(), false, s.now()
	changed := *m
	changed.Revision = after.ID
	if err := s.keep(changed, &after); err != nil {
		return nil, err
	}
	return &updateMachineOutput{UpdateDate: wire.SecondsOf(after.UpdateDate), RevisionID: after.ID}, nil
}

func (r *revision) same(other *revision) bool {
	return r.Definition == other.Definition && r.RoleARN == other.RoleARN && r.Tracing == other.Tracing &&
		reflect.DeepEqual(r.Logging.orDefault(), other.Logging.orDefault())
}

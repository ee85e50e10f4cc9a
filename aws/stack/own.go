package stack

import (
	"context"

	"go.yaml.in/yaml/v3"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// owned reports whether stepdeck manages the stack: its tag says so, or the
// metadata of its template, as after a deployment with other tools. A stack in
// review has neither; it is ours if all of its change sets are.
func (s *Service) owned(ctx context.Context, st Stack) (bool, error) {
	if st.Tags[tagName] == st.Name {
		return true, nil
	}
	if st.Status == ReviewInProgress {
		sets, err := s.ports.Stacks.ListChangeSets(ctx, st.ID)
		if err != nil {
			return false, err
		}
		for _, set := range sets {
			if !madeHere(set) {
				return false, nil
			}
		}
		return true, nil
	}
	body, err := s.ports.Stacks.OriginalTemplate(ctx, st.ID)
	if err != nil {
		return false, err
	}
	return marked(body), nil
}

// marked reports whether a template has the metadata of this project's.
func marked(body []byte) bool {
	var t struct {
		Metadata struct {
			Stepdeck map[string]string `yaml:"Stepdeck"`
		} `yaml:"Metadata"`
	}
	return yaml.Unmarshal(body, &t) == nil && t.Metadata.Stepdeck["Template"] != ""
}

// find describes a stack that is ours, and refuses another's.
func (s *Service) find(ctx context.Context, name string) (Stack, error) {
	if err := CheckName(name); err != nil {
		return Stack{}, err
	}
	st, err := s.ports.Stacks.DescribeStack(ctx, name)
	if err != nil {
		return Stack{}, err
	}
	ours, err := s.owned(ctx, st)
	if err != nil && st.Status == DeleteInProgress {
		return Stack{}, s.dropped(ctx, st, err)
	}
	if err != nil {
		return Stack{}, err
	}
	if !ours {
		return Stack{}, &ops.Problem{
			Kind: ops.Conflict, Title: safe.Linef("stack %s is not one of stepdeck", name),
			Detail: safe.Linef("it has no tag %s and its template no metadata Stepdeck: somebody else made it", tagName),
			Hint:   safe.Line("choose another name with --stack"),
		}
	}
	return st, nil
}

// dropped is the error about a stack that is being deleted and does not tell whose it is: the
// plan of a new stack leaves such a one for a moment. Once it is gone there is no stack.
func (s *Service) dropped(ctx context.Context, st Stack, untold error) error {
	ctx, cancel := context.WithTimeout(ctx, discardLimit)
	defer cancel()
	if s.gone(ctx, st.ID) != nil {
		return untold
	}
	if _, err := s.ports.Stacks.DescribeStack(ctx, st.Name); err != nil {
		return err
	}
	return untold
}

// current is the stack of the name if there is one that can be updated, or nil
// if it is to be made. A stack in review counts as one to be made.
func (s *Service) current(ctx context.Context, name string) (*Stack, error) {
	st, err := s.find(ctx, name)
	if ops.KindOf(err) == ops.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if st.Status == ReviewInProgress {
		return nil, nil
	}
	if way := StuckState(name, st.Status); way != nil && way.Do != RemedyDeploy {
		return nil, &Stuck{Stack: name, Status: st.Status, Way: *way}
	}
	return &st, nil
}

// Stuck is a stack whose status takes no update before something else is done.
type Stuck struct {
	Stack  string
	Status Status
	Way    WayOut
}

// Error is the sentence and the command.
func (s *Stuck) Error() string { return s.problem().Error() }

// Unwrap gives the problem to show.
func (s *Stuck) Unwrap() error { return s.problem() }

func (s *Stuck) problem() *ops.Problem {
	p := &ops.Problem{
		Kind: ops.Conflict, Title: safe.Linef("stack %s is in %s", s.Stack, s.Status),
		Detail: s.Way.Sentence, Hint: safe.Linef("run: stepdeck %s", s.Way.Command),
	}
	if s.Way.Do == RemedyWatch {
		p.Detail = safe.Line("AWS is at work on it")
	}
	return p
}

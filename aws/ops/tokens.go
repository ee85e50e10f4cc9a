package ops

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/workflow"
)

// OpenToken is a task token that nothing has answered.
type OpenToken struct {
	Run     workflow.Run
	Step    workflow.Step
	Attempt workflow.Attempt
	Token   workflow.Token // empty when the task was not given one that can be found
	Task    *workflow.Task // nil when not known
	Verdict workflow.Verdict
}

// Deadline is when AWS itself will close the token; zero when it has no timeout.
func (t OpenToken) Deadline() time.Time { return t.Attempt.Deadline() }

// TokenFilter says where to look for open tokens.
type TokenFilter struct {
	MachineARN string // empty: all Standard machines
	Limit      int    // running runs to look at; 0: 1000
}

const defaultTokenRuns = 1000

// TokenList is what was found, oldest first.
type TokenList struct {
	Tokens []OpenToken
	More   bool    // running runs exist that were not looked at
	Errs   []error // runs that could not be looked at, and why
}

// OpenTokens finds the open tokens of running runs: one page of history each,
// then the tasks by the hundred.
func (s *Service) OpenTokens(ctx context.Context, f TokenFilter) (TokenList, error) {
	if f.Limit <= 0 {
		f.Limit = defaultTokenRuns
	}
	runs, err := s.ListRuns(ctx, RunFilter{MachineARN: f.MachineARN, Status: workflow.Running, Limit: f.Limit})
	if err != nil {
		return TokenList{}, err
	}
	list := TokenList{More: runs.More}
	var mu sync.Mutex
	errs := each(ctx, runs.Runs, func(ctx context.Context, r workflow.Run) error {
		open, err := s.openTokensOf(ctx, r)
		mu.Lock()
		defer mu.Unlock()
		list.Tokens = append(list.Tokens, open...)
		return err
	})
	list.Errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if err := s.judge(ctx, list.Tokens); err != nil {
		list.Errs = append(list.Errs, err)
	}
	slices.SortStableFunc(list.Tokens, func(a, b OpenToken) int { return a.Attempt.Scheduled.Compare(b.Attempt.Scheduled) })
	return list, ctx.Err()
}

// openTokensOf reads a run's newest page of history for open tokens.
func (s *Service) openTokensOf(ctx context.Context, r workflow.Run) ([]OpenToken, error) {
	page, err := s.ports.Histories.History(ctx, HistoryQuery{RunARN: r.ARN, Reverse: true})
	if err != nil {
		return nil, fmt.Errorf("read history of %s: %w", r.Name, err)
	}
	var tokens []OpenToken
	for _, open := range workflow.OpenAttempts(workflow.Steps(page.Events)) {
		if !open.Attempt.Callback() {
			continue
		}
		t := OpenToken{Run: r, Step: *open.Step, Attempt: *open.Attempt, Verdict: workflow.Unknown}
		t.Token = s.tokenOf(ctx, r.ARN, open)
		tokens = append(tokens, t)
	}
	return tokens, nil
}

// tokenOf finds the attempt's token by name or shape, and asks for the
// definition (one call a second, AWS) only when that fails.
func (s *Service) tokenOf(ctx context.Context, runARN string, open workflow.OpenAttempt) workflow.Token {
	if t := open.Attempt.Token(open.Step.State, nil); !t.Empty() {
		return t
	}
	m, err := s.MachineFor(ctx, runARN)
	if err != nil {
		return workflow.Token{}
	}
	d, err := workflow.ParseDefinition(m.Definition)
	if err != nil {
		return workflow.Token{}
	}
	return open.Attempt.Token(open.Step.State, &d)
}

// judge looks up the tokens' tasks and sets the verdicts.
func (s *Service) judge(ctx context.Context, tokens []OpenToken) error {
	byCluster := map[string][]string{}
	for _, t := range tokens {
		if a := t.Attempt; a.TaskARN != "" {
			byCluster[a.ClusterARN] = append(byCluster[a.ClusterARN], a.TaskARN)
		}
	}
	tasks, err := s.describeTasks(ctx, byCluster)
	for i := range tokens {
		if task, ok := tasks[tokens[i].Attempt.TaskARN]; ok {
			tokens[i].Task = &task
		}
		tokens[i].Verdict = workflow.VerdictOn(tokens[i].Task)
	}
	return err
}

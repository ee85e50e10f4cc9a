package states

import (
	"context"
	"slices"

	"github.com/stepdeck/stepdeck/aws/local/states/history"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

type historyInput struct {
	ARN         *string `json:"executionArn"`
	MaxResults  int64   `json:"maxResults"`
	NextToken   *string `json:"nextToken"`
	Reverse     bool    `json:"reverseOrder"`
	IncludeData *bool   `json:"includeExecutionData"`
}

type historyOutput struct {
	Events    []history.Event `json:"events"`
	NextToken *string         `json:"nextToken,omitempty"`
}

func (s *Service) getHistory(_ context.Context, in *historyInput) (*historyOutput, error) {
	var v wire.Violations
	checkPage(&v, in.MaxResults, in.NextToken, 1024)
	if err := v.Err(); err != nil {
		return nil, err
	}
	run, err := s.run(&runInput{ARN: in.ARN})
	if err != nil {
		return nil, err
	}
	record := run.Record()
	list := "history " + *in.ARN
	if in.Reverse {
		list = "reverse " + list
	}
	from, err := s.readPage(in.NextToken, list)
	if err != nil {
		return nil, err
	}
	size := int64(pageSize(in.MaxResults))
	first, last, next := int64(1), record.Events, int64(0)
	if in.Reverse {
		if from != nil {
			last = from.ID
		}
		first = max(1, last-size+1)
		next = first - 1
	} else {
		if from != nil {
			first = from.ID
		}
		last = min(last, first+size-1)
		if last < record.Events {
			next = last + 1
		}
	}
	events, err := s.engine.Events(record.Seq, first, last)
	if err != nil {
		return nil, err
	}
	return s.historyPage(in, events, list, next), nil
}

func (s *Service) historyPage(in *historyInput, events []history.Event, list string, next int64) *historyOutput {
	out := &historyOutput{Events: append([]history.Event{}, events...)}
	if in.IncludeData != nil && !*in.IncludeData {
		for i, event := range out.Events {
			out.Events[i] = event.WithoutData()
		}
	}
	if in.Reverse {
		slices.Reverse(out.Events)
	}
	if next > 0 {
		out.NextToken = s.pageToken(page{List: list, ID: next})
	}
	return out
}

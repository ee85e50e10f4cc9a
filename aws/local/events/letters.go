package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// Letter is an event that could not be delivered, as it would lie in the
// target's dead-letter queue.
type Letter struct {
	QueueARN  string          `json:"queueArn"`
	RuleARN   string          `json:"ruleArn"`
	TargetARN string          `json:"targetArn"`
	Code      string          `json:"errorCode"`
	Message   string          `json:"errorMessage"`
	Attempts  int             `json:"attempts"`
	Time      time.Time       `json:"time"`
	Event     json.RawMessage `json:"event"`
}

// Letters are the events in a dead-letter queue, the oldest first.
func (s *Service) Letters(queueARN string) ([]Letter, error) {
	var found []Letter
	err := store.Load(s.opts.Store, letterBucket, "", func(_ string, one *Letter) error {
		if one.QueueARN == queueARN {
			found = append(found, *one)
		}
		return nil
	})
	return found, err
}

// bury keeps an event in the target's dead-letter queue; without one it is
// lost, as in AWS. The caller holds s.mu.
func (s *Service) bury(d *delivery, cause error) {
	s.opts.Log.Error("an event was not delivered", "rule", d.RuleARN, "target", d.Target.ARN, "attempts", d.Attempts, "error", cause)
	if d.Target.DeadLetters == nil || d.Target.DeadLetters.ARN == "" {
		return
	}
	letter := Letter{
		QueueARN: d.Target.DeadLetters.ARN, RuleARN: d.RuleARN, TargetARN: d.Target.ARN, Code: "SDK_CLIENT_ERROR", Message: cause.Error(),
		Attempts: d.Attempts, Time: s.opts.Clock.Now().UTC(), Event: d.Event,
	}
	if known := new(wire.Error); errors.As(cause, &known) {
		letter.Code, letter.Message = known.Code, known.Message
	}
	s.letter++
	if err := s.opts.Store.Put(letterBucket, fmt.Sprintf("%020d", s.letter), letter); err != nil {
		s.opts.Log.Error("keep a dead letter", "queue", letter.QueueARN, "error", err)
	}
}

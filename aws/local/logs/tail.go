package logs

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/logs/pattern"
)

// The limits of a Live Tail session.
const (
	tailInterval = time.Second
	tailLifetime = 3 * time.Hour
	// maxResults bounds one update; of more, a sample is sent.
	maxResults = 500
	// maxUpdates bounds what waits for a slow reader; the oldest is dropped.
	maxUpdates = 10
)

type sessionUpdate struct {
	SessionMetadata sessionMetadata `json:"sessionMetadata"`
	SessionResults  []sessionResult `json:"sessionResults"`
}

type sessionMetadata struct {
	Sampled bool `json:"sampled"`
}

type sessionResult struct {
	IngestionTime      int64  `json:"ingestionTime"`
	LogGroupIdentifier string `json:"logGroupIdentifier"`
	LogStreamName      string `json:"logStreamName"`
	Message            string `json:"message"`
	Timestamp          int64  `json:"timestamp"`
}

// tail is a Live Tail session: it gathers the events that are wanted and makes
// an update of them each second.
type tail struct {
	clock   clock.Clock
	account string
	groups  []string
	choice  streamChoice
	wanted  *pattern.Pattern
	started time.Time
	// wake receives when there is something to take.
	wake chan struct{}

	mu      sync.Mutex
	stop    func() bool
	pending []sessionResult
	updates []sessionUpdate
	// over: no more updates come.
	over bool
}

// streamChoice is the streams of a session; without names and prefixes, all.
type streamChoice struct {
	names, prefixes []string
}

func (c streamChoice) has(name string) bool {
	if len(c.names) == 0 && len(c.prefixes) == 0 {
		return true
	}
	return slices.Contains(c.names, name) ||
		slices.ContainsFunc(c.prefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// offer gathers what is wanted of a batch that was just ingested.
func (t *tail) offer(st *stream, b batchRecord) {
	if !slices.Contains(t.groups, st.Group) || !t.choice.has(st.Name) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, message := range b.Messages {
		if t.wanted.Match(message) {
			t.pending = append(t.pending, sessionResult{
				IngestionTime: b.Ingested, LogGroupIdentifier: t.account + ":" + st.Group,
				LogStreamName: st.Name, Message: message, Timestamp: b.Times[i],
			})
		}
	}
}

// start begins the ticks; the caller ends them.
func (t *tail) start() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.started = t.clock.Now()
	t.stop = t.clock.AfterFunc(tailInterval, t.tick)
}

func (t *tail) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
	t.stop()
}

func (t *tail) tick() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return
	}
	t.updates = append(t.updates, sample(t.pending))
	t.pending = nil
	if len(t.updates) > maxUpdates {
		t.updates = slices.Delete(t.updates, 0, len(t.updates)-maxUpdates)
	}
	if t.clock.Now().Sub(t.started) >= tailLifetime {
		t.over = true
	} else {
		t.stop = t.clock.AfterFunc(tailInterval, t.tick)
	}
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// next takes the oldest update; over tells that it was the last.
func (t *tail) next() (update sessionUpdate, ok, over bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.updates) == 0 {
		return sessionUpdate{}, false, t.over
	}
	update, t.updates = t.updates[0], t.updates[1:]
	return update, true, false
}

// sample is an update of the events, evenly thinned when they are too many.
func sample(events []sessionResult) sessionUpdate {
	update := sessionUpdate{SessionResults: []sessionResult{}}
	if len(events) <= maxResults {
		update.SessionResults = append(update.SessionResults, events...)
		return update
	}
	update.SessionMetadata.Sampled = true
	for i := range maxResults {
		update.SessionResults = append(update.SessionResults, events[i*len(events)/maxResults])
	}
	return update
}

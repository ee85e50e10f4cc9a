package logs

import (
	"fmt"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/store"
)

// The buckets of the store. Batches lie under their stream's number and the
// number of their first event, so that they load in order of arrival.
const (
	groupBucket  = "logs.groups"
	streamBucket = "logs.streams"
	batchBucket  = "logs.events"
)

// groupRecord is a group as it is stored, under its name.
type groupRecord struct {
	Name    string            `json:"name"`
	Created int64             `json:"created"`
	Days    int32             `json:"retentionInDays,omitempty"`
	Tags    map[string]string `json:"tags,omitempty"`
}

type group struct {
	groupRecord
	streams map[string]*stream
}

// streamRecord is a stream as it is stored, under its number.
type streamRecord struct {
	Group   string `json:"group"`
	Name    string `json:"name"`
	Number  uint64 `json:"number"`
	Created int64  `json:"created"`
}

// batchRecord is the events of one PutLogEvents.
type batchRecord struct {
	Ingested int64    `json:"i"`
	First    uint64   `json:"s"`
	Times    []int64  `json:"t"`
	Messages []string `json:"m"`
}

func streamKey(number uint64) string { return fmt.Sprintf("%020d", number) }

func batchKey(number, first uint64) string { return streamKey(number) + "/" + streamKey(first) }

func (b batchRecord) events() []event {
	events := make([]event, len(b.Times))
	for i, at := range b.Times {
		events[i] = event{at: at, ingested: b.Ingested, seq: b.First + uint64(i), message: b.Messages[i]}
	}
	return events
}

func (s *Service) load() error {
	err := store.Load(s.opts.Store, groupBucket, "", func(name string, r *groupRecord) error {
		s.groups[name] = &group{groupRecord: *r, streams: map[string]*stream{}}
		return nil
	})
	if err != nil {
		return fmt.Errorf("load log groups: %w", err)
	}
	numbered := map[string]*stream{}
	err = store.Load(s.opts.Store, streamBucket, "", func(key string, r *streamRecord) error {
		st := &stream{streamRecord: *r}
		s.lastStream = max(s.lastStream, st.Number)
		if st.group = s.groups[st.Group]; st.group != nil {
			st.group.streams[st.Name] = st
			numbered[key] = st
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("load log streams: %w", err)
	}
	err = store.Load(s.opts.Store, batchBucket, "", func(key string, b *batchRecord) error {
		if st := numbered[key[:len(streamKey(0))]]; st != nil {
			st.take(key, *b)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("load log events: %w", err)
	}
	return nil
}

// take adds a batch that is in the store.
func (st *stream) take(key string, b batchRecord) {
	if len(b.Times) == 0 {
		return
	}
	st.add(b.events())
	st.batches = append(st.batches, batchRef{key: key, newest: b.Times[len(b.Times)-1]})
	st.seq = b.First + uint64(len(b.Times)) - 1
	st.ingested = b.Ingested
}

func (s *Service) saveGroup(g *group) error {
	return s.opts.Store.Put(groupBucket, g.Name, g.groupRecord)
}

func (s *Service) forgetStream(st *stream) error {
	if err := s.opts.Store.DeletePrefix(batchBucket, streamKey(st.Number)+"/"); err != nil {
		return err
	}
	return s.opts.Store.Delete(streamBucket, streamKey(st.Number))
}

// expire forgets what the group's retention no longer keeps.
func (s *Service) expire(g *group) error {
	if g.Days == 0 {
		return nil
	}
	before := s.now().Add(-retention(g.Days)).UnixMilli()
	for _, st := range g.streams {
		for _, key := range st.expire(before) {
			if err := s.opts.Store.Delete(batchBucket, key); err != nil {
				return fmt.Errorf("expire events of %s: %w", st.Name, err)
			}
		}
	}
	return nil
}

func retention(days int32) time.Duration { return time.Duration(days) * 24 * time.Hour }

func (s *Service) now() time.Time { return s.opts.Clock.Now() }

package stacks

import (
	"fmt"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/store"
)

// The buckets of the store.
const (
	stackBucket     = "cloudformation-stacks"
	changeSetBucket = "cloudformation-changesets"
	eventBucket     = "cloudformation-events"
	detectionBucket = "cloudformation-detections"
	recordBucket    = "cloudformation-resources"
)

func (s *Service) load() error {
	if err := loadAll(s.opts.Store, stackBucket, s.stacks); err != nil {
		return err
	}
	if err := loadAll(s.opts.Store, changeSetBucket, s.changeSets); err != nil {
		return err
	}
	if err := loadAll(s.opts.Store, detectionBucket, s.detections); err != nil {
		return err
	}
	s.forgetOld()
	return nil
}

// How long a stack is known after its deletion, and a search for drift after its end. AWS: 90
// days for stacks.
const (
	keptStack     = 90 * 24 * time.Hour
	keptDetection = 24 * time.Hour
)

// forgetOld drops what nobody asks for any more. The caller holds the lock.
func (s *Service) forgetOld() {
	now := s.opts.Clock.Now()
	for id, st := range s.stacks {
		if st.Deleted.IsZero() || now.Sub(st.Deleted) <= keptStack {
			continue
		}
		delete(s.stacks, id)
		s.drop(stackBucket, id)
		s.keepBroken(s.opts.Store.DeletePrefix(eventBucket, eventsKey(id)))
	}
	for id, d := range s.detections {
		if d.Status != detecting && now.Sub(d.At) > keptDetection {
			delete(s.detections, id)
			s.drop(detectionBucket, id)
		}
	}
}

func loadAll[T any](from *store.Store, bucket string, into map[string]*T) error {
	return store.Load(from, bucket, "", func(key string, value *T) error {
		into[key] = value
		return nil
	})
}

// save writes a stack. The caller holds the lock. A store that fails cannot
// be told to whoever started the operation: Close tells it.
func (s *Service) save(st *stack) { s.put(stackBucket, st.ID, st) }

func (s *Service) put(bucket, key string, value any) {
	s.keepBroken(s.opts.Store.Put(bucket, key, value))
}

func (s *Service) drop(bucket, key string) { s.keepBroken(s.opts.Store.Delete(bucket, key)) }

// keepBroken keeps the first error of the store.
func (s *Service) keepBroken(err error) {
	if err != nil && s.broken == nil {
		s.broken = fmt.Errorf("keep the stacks: %w", err)
	}
}

// records keeps resources that have no service behind them.
type records struct{ store *store.Store }

func recordKey(kind, id string) string { return kind + "\x00" + id }

// Put writes one record.
func (r records) Put(kind, id string, value any) error {
	return r.store.Put(recordBucket, recordKey(kind, id), value)
}

// Get reads one record.
func (r records) Get(kind, id string, into any) (found bool, err error) {
	return r.store.Get(recordBucket, recordKey(kind, id), into)
}

// Delete removes one record.
func (r records) Delete(kind, id string) error {
	return r.store.Delete(recordBucket, recordKey(kind, id))
}

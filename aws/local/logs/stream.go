package logs

import (
	"slices"
	"sort"
)

// event is one line of a stream. Times are in milliseconds since 1970.
type event struct {
	at, ingested int64
	// seq numbers the events of a stream from 1 in order of their arrival.
	seq     uint64
	message string
}

// stream holds events in order of their time, those of one instant in order of
// their arrival. A slice of events handed out stays as it is: changes append
// behind it, cut its front off, or make a new one.
type stream struct {
	streamRecord
	group   *group
	events  []event
	batches []batchRef
	seq     uint64
	// ingested is when the last batch came, 0 for never.
	ingested int64
	// stored is what the events count for, in bytes.
	stored int64
}

// batchRef is a batch in the store.
type batchRef struct {
	key    string
	newest int64
}

// index is how many events stand before (at, seq).
func index(events []event, at int64, seq uint64) int {
	return sort.Search(len(events), func(i int) bool { return !events[i].before(at, seq) })
}

func (e event) before(at int64, seq uint64) bool {
	return e.at < at || e.at == at && e.seq < seq
}

// add takes events that are in order of time and were numbered in that order.
func (st *stream) add(added []event) {
	if len(added) == 0 {
		return
	}
	for _, e := range added {
		st.stored += int64(size(e.message))
	}
	first := added[0]
	tail := index(st.events, first.at, first.seq)
	if tail == len(st.events) {
		st.events = append(st.events, added...)
		return
	}
	merged := make([]event, tail, len(st.events)+len(added))
	copy(merged, st.events)
	rest := st.events[tail:]
	for len(rest) > 0 && len(added) > 0 {
		if rest[0].before(added[0].at, added[0].seq) {
			merged, rest = append(merged, rest[0]), rest[1:]
		} else {
			merged, added = append(merged, added[0]), added[1:]
		}
	}
	st.events = append(append(merged, rest...), added...)
}

// expire forgets the events before the instant and gives the keys of the
// batches that hold no others.
func (st *stream) expire(before int64) []string {
	gone := index(st.events, before, 0)
	if gone == 0 {
		return nil
	}
	for _, e := range st.events[:gone] {
		st.stored -= int64(size(e.message))
	}
	st.events = st.events[gone:]
	if gone > len(st.events) {
		st.events = slices.Clone(st.events)
	}
	var keys []string
	st.batches = slices.DeleteFunc(st.batches, func(b batchRef) bool {
		if b.newest >= before {
			return false
		}
		keys = append(keys, b.key)
		return true
	})
	return keys
}

// size is what events count for in the limits of AWS.
func size(message string) int { return len(message) + eventOverhead }

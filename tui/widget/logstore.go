package widget

import (
	"io"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// chunkSize is how much text is kept in one piece, so that the collector sees
// hundreds of objects and not millions, and old lines go all at once.
const chunkSize = 1 << 20

// lineOverhead is what a line costs besides its text, in bytes.
const lineOverhead = 40

// LineKind is what a line of a log view is.
type LineKind uint8

// The kinds. A seam tells of a gap or a border: "sampled", "attempt 2". A
// marker was set by the user.
const (
	Logged LineKind = iota
	Seam
	Marker
)

// LogLine is one line as it comes in.
type LogLine struct {
	Kind LineKind
	Time time.Time // zero: not known
	Text safe.Text
	// Raw is the line as received, for copying and saving; empty: as Text.
	Raw       string
	Container safe.Text
	Attempt   int // from 1; 0: of none
}

// source is a container of an attempt.
type source struct {
	container safe.Text
	attempt   int
}

// stamp is what is kept of a line besides its text.
type stamp struct {
	milli  int64 // Unix milliseconds; 0 when not known
	source uint16
	kind   LineKind
}

// chunk is a run of lines. Its slices only grow until it is sealed, and never
// change after; a copy of the chunk is a snapshot.
type chunk struct {
	first  int // number of its first line
	texts  []safe.Text
	stamps []stamp
	raws   map[int]string // by number, where it differs from the text
	bytes  int
}

// seal moves the texts into one piece of memory.
func (c *chunk) seal() {
	n := len(c.texts)
	texts := safe.Join("\n", c.texts...).Lines()
	for len(texts) < n {
		texts = append(texts, safe.Text{}) // Lines drops an empty last line
	}
	c.texts = texts
}

// logStore holds the newest lines up to a number of bytes. Lines are numbered
// from 0; the numbers stay when older lines are dropped.
type logStore struct {
	limit  int
	chunks []*chunk
	bytes  int
	next   int // number of the next line
	size   int // of a chunk
}

func newLogStore(limit int) *logStore {
	return &logStore{limit: limit, size: max(1, min(chunkSize, limit/8))}
}

// first is the number of the oldest line that is held.
func (s *logStore) first() int {
	if len(s.chunks) == 0 {
		return s.next
	}
	return s.chunks[0].first
}

func (s *logStore) append(text safe.Text, st stamp, raw string) {
	last := len(s.chunks) - 1
	if last < 0 || s.chunks[last].bytes >= s.size {
		if last >= 0 {
			s.chunks[last].seal()
		}
		s.chunks = append(s.chunks, &chunk{first: s.next})
		s.drop()
		last = len(s.chunks) - 1
	}
	c := s.chunks[last]
	c.texts = append(c.texts, text)
	c.stamps = append(c.stamps, st)
	cost := len(text.String()) + lineOverhead
	if raw != "" && raw != text.String() {
		if c.raws == nil {
			c.raws = map[int]string{}
		}
		c.raws[s.next] = raw
		cost += len(raw) + lineOverhead
	}
	c.bytes += cost
	s.bytes += cost
	s.next++
}

// drop lets go of the oldest chunks beyond the limit.
func (s *logStore) drop() {
	for s.bytes > s.limit && len(s.chunks) > 1 {
		s.bytes -= s.chunks[0].bytes
		s.chunks[0] = nil
		s.chunks = s.chunks[1:]
	}
}

// chunkOf finds the chunk of a line that is held.
func chunkOf(chunks []*chunk, n int) *chunk {
	lo, hi := 0, len(chunks)
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; chunks[mid].first <= n {
			lo = mid
		} else {
			hi = mid
		}
	}
	return chunks[lo]
}

func (s *logStore) line(n int) (safe.Text, stamp) {
	c := chunkOf(s.chunks, n)
	return c.texts[n-c.first], c.stamps[n-c.first]
}

func (s *logStore) raw(n int) string {
	c := chunkOf(s.chunks, n)
	if raw, ok := c.raws[n]; ok {
		return raw
	}
	return c.texts[n-c.first].String()
}

// snapshot is the lines held now; it may be read while the store goes on.
func (s *logStore) snapshot() []*chunk {
	out := make([]*chunk, len(s.chunks))
	for i, c := range s.chunks {
		frozen := *c
		if i == len(s.chunks)-1 {
			frozen.raws = make(map[int]string, len(c.raws))
			for n, raw := range c.raws {
				frozen.raws[n] = raw
			}
		}
		out[i] = &frozen
	}
	return out
}

// Saved is the lines of a log view at one moment, for writing to a file. It
// may be used off the UI goroutine.
type Saved struct{ chunks []*chunk }

// WriteTo writes the lines as they were received, each with a line break;
// seams and markers in square brackets.
func (s Saved) WriteTo(w io.Writer) (int64, error) {
	var written int64
	for _, c := range s.chunks {
		for i := range c.texts {
			line, ok := c.raws[c.first+i]
			if !ok {
				line = c.texts[i].String()
			}
			if c.stamps[i].kind != Logged {
				line = "[" + line + "]"
			}
			n, err := io.WriteString(w, line+"\n")
			written += int64(n)
			if err != nil {
				return written, err
			}
		}
	}
	return written, nil
}

package widget

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// searchStep is how many lines are looked at before hits are handed on.
const searchStep = 1 << 16

// pattern finds a text or, where it has any of the characters of one, a
// regular expression; both in smart case.
type pattern struct {
	source string
	fold   safe.Fold
	exp    *regexp.Regexp
}

func newPattern(source string) (pattern, error) {
	p := pattern{source: source}
	if !strings.ContainsAny(source, `\.+*?()|[]{}^$`) {
		p.fold = safe.NewFold(source)
		return p, nil
	}
	flags := "(?i)"
	if strings.IndexFunc(source, unicode.IsUpper) >= 0 {
		flags = ""
	}
	exp, err := regexp.Compile(flags + source)
	if err != nil {
		return p, fmt.Errorf("search %q is no regular expression: %w; put a \\ before a character to search for it", source, err)
	}
	p.exp = exp
	return p, nil
}

func (p *pattern) empty() bool { return p.source == "" }

// find returns the first range at or after from, or -1, -1.
func (p *pattern) find(t safe.Text, from int) (start, end int) {
	if p.exp == nil {
		return p.fold.Find(t, from)
	}
	if at := p.exp.FindStringIndex(t.String()[from:]); at != nil {
		return from + at[0], from + at[1]
	}
	return -1, -1
}

func (p *pattern) match(t safe.Text) bool {
	start, _ := p.find(t, 0)
	return start >= 0
}

// sieve decides what a log view shows and finds.
type sieve struct {
	pattern pattern
	source  int  // only lines of it; below 0: of all
	keep    bool // only lines that match
}

// takes reports whether a line is shown, and whether it is a hit. Seams are
// shown always: what they tell of is true of every selection.
func (v *sieve) takes(t safe.Text, s stamp) (shown, hit bool) {
	if s.kind != Logged {
		return true, false
	}
	if v.source >= 0 && int(s.source) != v.source {
		return false, false
	}
	hit = !v.pattern.empty() && v.pattern.match(t)
	return hit || !v.keep || v.pattern.empty(), hit
}

// Search looks through the lines that a log view held when it began. Step and
// Stream may run off the UI goroutine; hand what they bring to Lines.Found.
type Search struct {
	sieve  sieve
	chunks []*chunk
	at     int // number of the next line to look at
	end    int
	list   bool // whether lines that are shown are listed
}

// Hits is what one step of a search has found, in order.
type Hits struct {
	search *Search
	rows   []int32
	hits   []int32
	Done   bool
}

// Step looks at the next n lines.
func (s *Search) Step(n int) Hits {
	out := Hits{search: s}
	for n > 0 && s.at < s.end {
		c := chunkOf(s.chunks, s.at)
		for i := s.at - c.first; i < len(c.texts) && n > 0 && s.at < s.end; i++ {
			shown, hit := s.sieve.takes(c.texts[i], c.stamps[i])
			if hit {
				out.hits = append(out.hits, int32(s.at))
			}
			if shown && s.list {
				out.rows = append(out.rows, int32(s.at))
			}
			s.at++
			n--
		}
	}
	out.Done = s.at >= s.end
	return out
}

// Stream brings the steps and closes the channel after the last, or when ctx
// ends.
func (s *Search) Stream(ctx context.Context) (<-chan Hits, error) {
	out := make(chan Hits)
	go func() {
		defer close(out)
		for ctx.Err() == nil {
			hits := s.Step(searchStep)
			select {
			case out <- hits:
			case <-ctx.Done():
				return
			}
			if hits.Done {
				return
			}
		}
	}()
	return out, nil
}

// index is line numbers in order: those that a search brings, and those that
// came in after it began.
type index struct{ older, newer []int32 }

func (x *index) len() int { return len(x.older) + len(x.newer) }

func (x *index) at(i int) int {
	if i < len(x.older) {
		return int(x.older[i])
	}
	return int(x.newer[i-len(x.older)])
}

// place is where the first number not below n stands.
func (x *index) place(n int) int {
	lo, hi := 0, x.len()
	for lo < hi {
		if mid := (lo + hi) / 2; x.at(mid) < n {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// drop lets go of numbers below first.
func (x *index) drop(first int) {
	for len(x.older) > 0 && int(x.older[0]) < first {
		n := min(x.place(first), len(x.older))
		x.older = x.older[n:]
	}
	for len(x.newer) > 0 && len(x.older) == 0 && int(x.newer[0]) < first {
		x.newer = x.newer[x.place(first):]
	}
}

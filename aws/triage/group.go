package triage

import (
	"cmp"
	"hash/fnv"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// Signature is what runs that failed alike have in common. It is comparable.
type Signature struct {
	Machine string    `json:"machine"`
	State   safe.Text `json:"state"`
	Error   safe.Text `json:"error"`
	Cause   safe.Text `json:"cause"` // normalised
}

// ID names the signature in few letters, for commands and keys.
func (s Signature) ID() string {
	h := fnv.New64a()
	for _, part := range []string{s.Machine, s.State.String(), s.Error.String(), s.Cause.String()} {
		_, _ = h.Write([]byte(part + "\x00")) // a hash's Write never fails
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// SignatureOf is the signature of a failure known by its history alone, before
// any diagnosis.
func SignatureOf(machine string, failure workflow.Failure) Signature {
	u := unwrap(failure.Cause.String())
	name := failure.Error
	if len(u.errors) > 0 {
		name = safe.Line(u.errors[len(u.errors)-1])
	}
	return Signature{Machine: machine, State: failure.State, Error: name, Cause: Normalise(causeLine(u))}
}

// causeLine is the line of a cause that tells most: the reason of ECS, of a
// container before the task's, else the line recognised best, else the first.
func causeLine(u unwrapped) string {
	for _, c := range u.containers {
		if c.reason != "" {
			return c.reason
		}
	}
	at := Fact{Source: FromHistory}
	signals := lineSignals(u.tail, at)
	for _, text := range u.texts {
		signals = append(signals, causeSignals(text, "", at)...)
	}
	best := candidate{}
	for _, c := range recognise(signals) {
		if c.score > best.score && c.weight >= 60 {
			best = c
		}
	}
	switch {
	case best.weight > 0:
		return best.fact.Text.String()
	case len(u.reasons) > 0:
		line := u.reasons[0]
		for _, c := range u.containers {
			if c.exitCode != nil && *c.exitCode != 0 {
				line += " code" + strconv.Itoa(*c.exitCode)
			}
		}
		return line
	case len(u.texts) > 0:
		line, _, _ := strings.Cut(strings.TrimSpace(u.texts[0]), "\n")
		return line
	}
	return ""
}

// folds replace what differs between runs that fail alike. Order matters: what
// holds others comes first.
var folds = []struct {
	what *regexp.Regexp
	by   string
}{
	{regexp.MustCompile(`\(Service: ([^;,)]*)[^)]*\)`), "(Service: $1)"},
	{regexp.MustCompile(`arn:aws[\w-]*:([\w-]+):[^\s"',;)\]]*`), "<arn:$1>"},
	{regexp.MustCompile(`(?:[a-z0-9]+)://[^\s"',;)\]]+`), "<url>"},
	{regexp.MustCompile(`(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`), "<id>"},
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z| ?[+-]\d\d:?\d\d| UTC)?)?`), "<time>"},
	{regexp.MustCompile(`\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b`), "<time>"},
	{regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b`), "<ip>"},
	{regexp.MustCompile(`(?i)\[?\b(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}\b\]?(?::\d+)?`), "<ip>"},
	{regexp.MustCompile(`(?i)\b(?:eni|subnet|sg|vpc|i|vol|fs|ami|eipalloc)-[0-9a-f]{8,17}\b`), "<id>"},
	{regexp.MustCompile(`\b\d{12}\.dkr\.ecr\.[\w-]+\.`), "<registry>."},
	{regexp.MustCompile(`(?i)sha256:[0-9a-f]{8,64}`), "<digest>"},
	{regexp.MustCompile(`(?i)\b(?:0x[0-9a-f]+|[0-9a-f]{12,64})\b`), "<hex>"},
	{regexp.MustCompile(`(^|[\s"'=(])(?:/[\w.@+-]+){2,}/?`), "$1<path>"},
}

var (
	numbers = regexp.MustCompile(`[-+]?\d[\d,]*(?:\.\d+)?`)
	// keptNumbers are those that tell causes apart: codes of errors, exits and states.
	keptNumbers = regexp.MustCompile(`(?i)\b(?:error|errno|err|code|exit|status|exited|sqlstate|signal|http|limit is|at most)\W{0,3}(?:code|status|with|\(|\[)?\W{0,3}$`)
)

// longestCause bounds a normalised cause, in runes.
const longestCause = 300

// Normalise folds what differs between runs that fail alike: ids, ARNs, times,
// addresses, paths and counts. Words, quoted names and codes stay.
func Normalise(cause string) safe.Text {
	if len(cause) > 2*longestSignal {
		cause = cause[:2*longestSignal]
	}
	text := workflow.MaskTokens(safe.Line(cause).String())
	for _, f := range folds {
		text = f.what.ReplaceAllString(text, f.by)
	}
	text = foldNumbers(text)
	return shorten(safe.Line(strings.Join(strings.Fields(text), " ")), longestCause)
}

// foldNumbers replaces counts by # and leaves codes and digits within names.
func foldNumbers(text string) string {
	var out strings.Builder
	last := 0
	for _, at := range numbers.FindAllStringIndex(text, -1) {
		before, after := text[:at[0]], text[at[1]:]
		inName := at[0] > 0 && isLetter(before[len(before)-1]) || after != "" && isLetter(after[0]) && at[1]-at[0] < 3 && at[0] > 0 && before[len(before)-1] == '_'
		if inName && at[1]-at[0] < 4 || keptNumbers.MatchString(before) && at[1]-at[0] < 7 {
			continue
		}
		out.WriteString(text[last:at[0]])
		out.WriteString("#")
		last = at[1]
	}
	return out.String() + text[last:]
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// Failed is one failed run to be grouped.
type Failed struct {
	RunARN    string
	Time      time.Time // when it ended
	Signature Signature
}

// Group is the runs that failed alike.
type Group struct {
	ID        string    `json:"id"`
	Signature Signature `json:"signature"`
	Count     int       `json:"count"`
	Share     float64   `json:"share"` // of all failures given, 0…1
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
	Strip     []int     `json:"strip"` // failures in equal parts of the window, oldest first
	Runs      []string  `json:"runs"`  // ARNs, newest first
}

// Groups groups failures, the largest group first. The strips of all groups have
// so many parts and span the time from the first failure to the last.
func Groups(failures []Failed, parts int) []Group {
	if len(failures) == 0 {
		return []Group{}
	}
	sorted := slices.Clone(failures)
	slices.SortStableFunc(sorted, func(a, b Failed) int { return b.Time.Compare(a.Time) })
	newest, oldest := sorted[0].Time, sorted[len(sorted)-1].Time
	index := map[Signature]int{}
	var groups []Group
	for _, f := range sorted {
		i, ok := index[f.Signature]
		if !ok {
			i = len(groups)
			index[f.Signature] = i
			groups = append(groups, Group{ID: f.Signature.ID(), Signature: f.Signature, Last: f.Time, Strip: make([]int, max(parts, 0))})
		}
		g := &groups[i]
		g.Count, g.First = g.Count+1, f.Time
		g.Runs = append(g.Runs, f.RunARN)
		if parts > 0 {
			g.Strip[part(f.Time, oldest, newest, parts)]++
		}
	}
	for i := range groups {
		groups[i].Share = float64(groups[i].Count) / float64(len(failures))
	}
	slices.SortStableFunc(groups, func(a, b Group) int { return cmp.Or(cmp.Compare(b.Count, a.Count), b.Last.Compare(a.Last)) })
	return groups
}

// part is the place of t between oldest and newest, 0…parts-1.
func part(t, oldest, newest time.Time, parts int) int {
	span := newest.Sub(oldest)
	if span <= 0 {
		return parts - 1
	}
	return min(parts-1, int(float64(parts)*float64(t.Sub(oldest))/float64(span)))
}

package triage

import (
	"slices"

	"github.com/stepdeck/stepdeck/aws/workflow"
)

// allRules are the vocabularies of all areas. Weights decide between rules that
// fit, not their order.
var allRules = slices.Concat(
	statesRules, launchRules, permissionRules, tokenRules, ecsRules, jobRules, databaseRules, connectionRules,
)

// candidate is a kind that something speaks for.
type candidate struct {
	kind   Kind
	weight int // 0…100, of the fact alone
	score  int // weight with the trust in the place it stands
	fact   Fact
	// cause is what was told along with fact, where fact is the name of an error.
	cause Fact
	last  bool
	// structural tells that a field, a code or a clock says so, not a wording.
	structural bool
	// standing is that of a job's own sentence.
	standing standing
}

// recognise returns the best candidate of each signal.
func recognise(signals []signal) []candidate {
	var out []candidate
	for i := range signals {
		s := &signals[i]
		var best candidate
		var by *rule
		for j := range allRules {
			r := &allRules[j]
			if r.in&s.in == 0 || r.weight <= best.weight || !r.fits(s) {
				continue
			}
			best, by = candidate{kind: r.kind, weight: r.weight}, r
		}
		if best.weight > 0 {
			if by.in&s.in&inLog != 0 {
				best.standing = standingOf(s, by)
			}
			best.score, best.fact, best.last = best.weight+s.trust, s.fact, s.last
			if s.in&inError != 0 {
				best.cause = causeOf(signals, s)
			}
			out = append(out, best)
		}
	}
	return out
}

// causeOf finds the text that an event gives along with the name of an error.
func causeOf(signals []signal, name *signal) Fact {
	for i := range signals {
		s := &signals[i]
		if s.in&inError == 0 && s.fact.Source == name.fact.Source && s.fact.EventID == name.fact.EventID {
			return s.fact
		}
	}
	return Fact{}
}

// leastScore is what a kind needs to be named at all.
const leastScore = 30

// choose returns the winner among the candidates and how far to rely on it.
func choose(candidates []candidate, f *frame) (candidate, Confidence) {
	candidates = slices.DeleteFunc(slices.Clone(candidates), func(c candidate) bool { return !f.plausible(c) })
	others := slices.ContainsFunc(candidates, func(c candidate) bool {
		return c.fact.Source != FromECS && c.kind != DumpIncomplete && !c.structural && c.score >= 70
	})
	var best candidate
	for _, c := range candidates {
		if c.kind == DumpIncomplete && others {
			c.score -= 12 // what broke it off is the cause
		}
		if c.score > best.score {
			best = c
		}
	}
	if best.score < leastScore {
		return candidate{kind: Unknown}, None
	}
	return best, confidence(best, rival(candidates, best))
}

// rival is the best score among candidates of another kind in the same output.
func rival(candidates []candidate, best candidate) int {
	score := 0
	for _, c := range candidates {
		if c.kind != best.kind && c.fact.Source == best.fact.Source && !c.structural && c.fact.Line > 0 {
			score = max(score, c.score)
		}
	}
	return score
}

func confidence(c candidate, rival int) Confidence {
	sure := reliance(c, rival)
	switch {
	case c.standing == foreign:
		return Low
	case c.standing == mixed && sure == High:
		return Medium
	}
	return sure
}

// reliance is how far a candidate can be relied on by its weight and its place.
func reliance(c candidate, rival int) Confidence {
	fromOutput := c.fact.Line > 0
	switch least, proven := provenBy[c.kind]; {
	case c.score >= 80 && !fromOutput, proven && c.structural && c.weight >= least:
		return High
	case fromOutput && c.weight >= 74 && c.score >= c.weight-2 && c.last && c.score-rival > 3:
		return High
	case fromOutput && c.weight >= 66 && c.score >= c.weight-8:
		return Medium
	case c.score >= 60 && !fromOutput:
		return Medium
	case c.structural && c.score >= 38:
		return Medium
	}
	return Low
}

// plausible leaves out kinds that the frame contradicts.
func (f *frame) plausible(c candidate) bool {
	if c.fact.Source != FromLog {
		return true
	}
	switch c.kind {
	case CallbackDenied, TokenRejected, OutputInvalid, OutputTooLarge:
		return f.ev.Run.Status != workflow.Succeeded
	}
	// A task that lived on when the clock ran out was not ended by what it logged.
	clock := (f.timedOut() || f.failure.Status == workflow.Aborted) && !f.goneBefore()
	return !clock
}

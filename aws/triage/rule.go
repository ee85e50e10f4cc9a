package triage

import (
	"regexp"
	"strings"
	"unicode"
)

// where tells in which texts a rule looks.
type where uint8

const (
	inError where = 1 << iota // the name of an error
	inCause                   // a cause, of a service or of a job
	inStop                    // a reason of ECS: of the task or of a container
	inLog                     // a line of the job's output

	inText = inCause | inStop | inLog
	inJob  = inCause | inLog
	inAPI  = inCause | inStop
)

// rule recognises a kind by vocabulary: a text fits when it has a word of every
// group and no banned one. So it survives other wordings of the same sentence.
type rule struct {
	kind   Kind
	in     where
	weight int // 0…100: how surely the words mean the kind
	groups [][]string
	banned []string
	said   *regexp.Regexp // nil: any
}

// on makes a rule. A group lists alternatives with | between; a group that
// begins with ! lists what must not occur. Alternatives are in the plain form
// of texts, see plain; a leading or trailing blank is the edge of a word.
func on(kind Kind, in where, weight int, groups ...string) rule {
	r := rule{kind: kind, in: in, weight: weight}
	for _, g := range groups {
		if banned, ok := strings.CutPrefix(g, "!"); ok {
			r.banned = append(r.banned, strings.Split(banned, "|")...)
			continue
		}
		r.groups = append(r.groups, strings.Split(g, "|"))
	}
	return r
}

// saying is the rule for texts that also match, with their punctuation.
func (r rule) saying(said *regexp.Regexp) rule {
	r.said = said
	return r
}

func (r *rule) fits(s *signal) bool {
	for _, g := range r.groups {
		if !containsAny(s.plain, g) {
			return false
		}
	}
	return !containsAny(s.plain, r.banned) && (r.said == nil || r.said.MatchString(s.fact.Text.String()))
}

func containsAny(text string, words []string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// Groups of words that many rules share.
const (
	refused = "denied|not authorized|unauthorized|not permitted|forbidden|no identity based policy|not allowed|lacks|lacking|" +
		"does not have permission|insufficient permission|missing permission|explicit deny|may not call|no permission|cannot perform|" +
		"is not entitled|without permission|permission error|403 |permission is missing|doesnt have permission|not have access"
	failing = "unable|fail|cannot|could not|couldnt|cant |error|denied|not found|notfound|not exist|timed out|timeout|not authorized|missing|" +
		"refused|unreachable|invalid|no such|not be|may not|unsuccessful|doesnt exist|not available|not accessible"
	absent = "not found|notfound|not exist|doesnt exist|no such|missing|inactive|unable to find|unable to describe|unknown|deleted|deregistered|" +
		"cannot find|could not be found|cannot be found|not active|couldnt find|could not find|not be located|cannot locate|no longer exists|nonexistent|been removed"
)

// plain folds a text to what rules match: lower case, no quotes, no punctuation
// but what joins words (iam:passrole, i/o, max_allowed_packet), single blanks, a
// blank at both ends.
func plain(text string) string {
	var out strings.Builder
	out.Grow(len(text) + 2)
	out.WriteByte(' ')
	blank := true
	runes := []rune(text)
	for i, r := range runes {
		switch {
		case strings.ContainsRune("'\"`’‘“”´", r):
			continue
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '/' || r == '$' || r == '%':
			out.WriteRune(unicode.ToLower(r))
			blank = false
			continue
		case (r == ':' || r == '.') && i+1 < len(runes) && joins(runes[i+1]) && !blank:
			out.WriteRune(r)
			continue
		}
		if !blank {
			out.WriteByte(' ')
			blank = true
		}
	}
	if !blank {
		out.WriteByte(' ')
	}
	return out.String()
}

func joins(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

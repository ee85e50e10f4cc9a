package stack

import (
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack/check"
	"github.com/stepdeck/stepdeck/aws/stack/template"
)

// Refused tells that checks keep a plan from being deployed.
type Refused struct{ Blockers []Finding }

func refusal(p *Plan) error {
	var blockers []Finding
	for _, f := range p.Findings {
		if f.Severity == Blocker {
			blockers = append(blockers, f)
		}
	}
	if len(blockers) == 0 {
		return nil
	}
	return &Refused{blockers}
}

// Error is the problem in one line.
func (r *Refused) Error() string { return r.problem().Error() }

// Unwrap gives the problem to show.
func (r *Refused) Unwrap() error { return r.problem() }

// problem is the only finding, or their number.
func (r *Refused) problem() *ops.Problem {
	if len(r.Blockers) == 1 {
		f := r.Blockers[0]
		return &ops.Problem{Kind: ops.Usage, Title: f.Subject, Detail: f.Sentence, Hint: f.Next}
	}
	return &ops.Problem{
		Kind: ops.Usage, Title: safe.Linef("%d checks failed", len(r.Blockers)),
		Detail: safe.Linef("the first: %s: %s", r.Blockers[0].Subject, r.Blockers[0].Sentence),
		Hint:   safe.Line("nothing was changed: correct what the list names, and plan again"),
	}
}

func blocker(subject string, sentence, next safe.Text) Finding {
	return Finding{Blocker, safe.Line(subject), sentence, next}
}

func warning(subject string, sentence, next safe.Text) Finding {
	return Finding{Warning, safe.Line(subject), sentence, next}
}

// unchecked is the finding that something could not be looked at.
func unchecked(subject string, err error) Finding {
	return warning(subject, safe.Linef("not checked: %v", err), safe.Text{})
}

// readTemplate parses the source with the machines' definitions put in. A
// template that cannot be read is nil, and the findings tell every line that is wrong.
func readTemplate(source Source) (*template.Template, []Finding) {
	t, found := check.Read(source.Name, source.Body, source.Read)
	if t == nil {
		return nil, findingsOf(found)
	}
	if !marked(source.Body) {
		return nil, []Finding{blocker(source.Name, safe.Line("this is no template of stepdeck: it has no Metadata: {Stepdeck: {Template: …}}"),
			safe.Line("begin with the template that comes with stepdeck, and keep its Metadata"))}
	}
	return t, findingsOf(check.Check(t))
}

// findingsOf are what the project's own checker found.
func findingsOf(found []check.Finding) []Finding {
	var out []Finding
	for _, f := range found {
		severity := Blocker
		if f.Level == check.Warning {
			severity = Warning
		}
		out = append(out, Finding{severity, safe.Linef("%s:%d", f.File, f.Line), safe.Line(f.Sentence), safe.Line("correct the file, and plan again")})
	}
	return out
}

package stack

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack/template"
)

// Plan checks the request and makes a change set of it. A plan in which checks
// found a Blocker comes with a *Refused, and one that the caller may only check
// with a Problem of kind Denied; neither has a change set. With any other error
// there is no plan. The stack may be stuck: then the error is a *Stuck.
func (s *Service) Plan(ctx context.Context, r Request) (*Plan, error) {
	if err := CheckName(r.Stack); err != nil {
		return nil, err
	}
	t, findings := readTemplate(r.Source)
	if t == nil {
		p := newPlan(r.Stack)
		p.Findings = append(p.Findings, findings...)
		return p, refusal(p)
	}
	current, err := s.current(ctx, r.Stack)
	if err != nil {
		return nil, err
	}
	v := merge(t.Parameters(), current, r.Parameters)
	p := newPlan(r.Stack)
	p.Creates, p.Parameters = current == nil, append(p.Parameters, v.changes...)
	wrong, bad := checkValues(t, v)
	p.Findings = slices.Concat(p.Findings, findings, wrong, v.dropped)
	preflight := preflight{service: s, stack: r.Stack, values: v.effective, bad: bad}
	p.Findings = append(p.Findings, preflight.run(ctx)...)
	if refused := refusal(p); refused != nil {
		return p, refused
	}
	body, err := t.JSON()
	if err != nil {
		return nil, &ops.Problem{
			Kind: ops.Usage, Title: safe.Linef("%s cannot be sent", r.Source.Name), Detail: safe.Line(err.Error()),
			Hint: safe.Line("make the template smaller"), Err: err,
		}
	}
	if current != nil {
		p.StackID = current.ID
	}
	s.clean(ctx, r.Stack)
	set, err := s.change(ctx, ChangeSetRequest{
		Stack: r.Stack, Name: s.newName(), Create: p.Creates, Adopt: r.Adopt && p.Creates, Template: body, Parameters: v.sent,
		Tags: tagsOf(r.Stack, current),
	})
	if ops.KindOf(err) == ops.Denied {
		return p, err
	}
	if err != nil {
		return nil, err
	}
	if p.Planned = true; set == nil {
		return p, nil
	}
	p.StackID, p.ChangeSet, p.Changes = set.StackID, set.ID, append(p.Changes, set.Changes...)
	p.Findings = append(p.Findings, s.inUse(ctx, current, p.Changes)...)
	return p, nil
}

// newPlan has no list that programs would read as null.
func newPlan(stack string) *Plan {
	return &Plan{Stack: stack, Parameters: []ParameterChange{}, Changes: []Change{}, Findings: []Finding{}}
}

// tagsOf are the tags of the stack to be. AWS takes away those that a change set
// does not name, so what others have put on the stack is named too. Those of
// AWS itself cannot be.
func tagsOf(name string, current *Stack) map[string]string {
	tags := map[string]string{}
	if current != nil {
		for key, value := range current.Tags {
			if !strings.HasPrefix(key, "aws:") {
				tags[key] = value
			}
		}
	}
	tags[tagName] = name
	return tags
}

// checkValues are the findings about parameters, and those that they are about.
// VpcId and SubnetIds that are missing are left to the check of the network,
// which knows those that fit.
func checkValues(t *template.Template, v values) (found []Finding, bad map[string]bool) {
	all := maps.Clone(v.effective)
	maps.Copy(all, v.unknown)
	bad = map[string]bool{}
	for _, p := range t.Check(all) {
		if _, has := all[p.Name]; !has && (p.Name == vpcParameter || p.Name == subnetsParameter) {
			continue
		}
		bad[p.Name] = true
		next := safe.Linef("give another value with --parameter %s=VALUE", p.Name)
		if _, unknown := v.unknown[p.Name]; unknown {
			next = safe.Line("correct the name, or leave it out")
		}
		found = append(found, blocker(p.Name, safe.Linef("%s (%s:%d)", p.Text, p.File, p.Line), next))
	}
	return found, bad
}

// inUse tells of tasks that run on a revision which the plan replaces.
func (s *Service) inUse(ctx context.Context, current *Stack, changes []Change) []Finding {
	if current == nil {
		return nil
	}
	for _, c := range changes {
		if c.Type != "AWS::ECS::TaskDefinition" || !c.Replaces() && c.Action != Remove {
			continue
		}
		n, err := s.tasksOn(ctx, current.Output("ClusterName"), c.Physical.String())
		if err != nil || n == 0 {
			continue
		}
		working := safe.Linef("%d live tasks, on revision %s", n, revision(c.Physical.String()))
		if n == 1 {
			working = safe.Linef("1 live task, on revision %s", revision(c.Physical.String()))
		}
		if c.Kept {
			return []Finding{{Severity: Note, Subject: safe.Line(c.Logical), Sentence: safe.Linef("%s: the revision is kept, so that runs under way go on", working)}}
		}
		return []Finding{warning(c.Logical, safe.Linef("%s, which is deregistered: a retry in their runs will fail", working),
			safe.Line("wait until they have ended, or give the resource UpdateReplacePolicy: Retain"))}
	}
	return nil
}

func revision(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// tasksOn counts the live tasks of a cluster that run on a task definition, or all for "".
func (s *Service) tasksOn(ctx context.Context, cluster, definition string) (int, error) {
	family, _, _ := strings.Cut(revision(definition), ":")
	n := 0
	for page := ""; ; {
		got, err := s.ports.Tasks.ListTasks(ctx, ops.TaskQuery{Cluster: cluster, Family: family, Page: page})
		if err != nil {
			return 0, err
		}
		if len(got.ARNs) > 0 {
			tasks, err := s.ports.Tasks.DescribeTasks(ctx, cluster, got.ARNs)
			if err != nil {
				return 0, err
			}
			for _, task := range tasks {
				if definition == "" || task.DefinitionARN == definition {
					n++
				}
			}
		}
		if page = got.Next; page == "" {
			return n, nil
		}
	}
}

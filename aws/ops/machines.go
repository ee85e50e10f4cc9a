package ops

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// MachineList is the machines read so far. More tells that there are others,
// which Next loads.
type MachineList struct {
	Machines []workflow.Machine
	Next     string
}

// More reports whether machines were left unread.
func (l MachineList) More() bool { return l.Next != "" }

// ListMachines reads machines page by page until limit are there; 0 reads all.
// page is empty or the Next of an earlier list.
func (s *Service) ListMachines(ctx context.Context, page string, limit int) (MachineList, error) {
	list := MachineList{Next: page}
	for {
		p, err := s.ports.Machines.ListMachines(ctx, list.Next)
		if err != nil {
			return list, fmt.Errorf("list machines: %w", err)
		}
		list.Machines = append(list.Machines, p.Machines...)
		list.Next = p.Next
		if p.Next == "" || limit > 0 && len(list.Machines) >= limit {
			return list, nil
		}
	}
}

// DescribeMachine reads a machine with its definition as it is now.
func (s *Service) DescribeMachine(ctx context.Context, machineARN string) (workflow.MachineDetail, error) {
	m, err := s.ports.Machines.DescribeMachine(ctx, machineARN)
	if err != nil {
		return m, fmt.Errorf("describe machine %s: %w", workflow.MachineName(machineARN), err)
	}
	return m, nil
}

// FindMachine finds a machine by ARN or by name in any case. For an unknown
// name the Problem suggests near ones.
func (s *Service) FindMachine(ctx context.Context, nameOrARN string) (workflow.Machine, error) {
	if nameOrARN == "" {
		return workflow.Machine{}, &Problem{Kind: Usage, Title: safe.Line("no machine named"), Hint: safe.Line("give its name or ARN; `stepdeck machines` lists them")}
	}
	if workflow.IsMachineARN(nameOrARN) {
		m, err := s.DescribeMachine(ctx, nameOrARN)
		return m.Machine, err
	}
	list, err := s.ListMachines(ctx, "", 0)
	if err != nil {
		return workflow.Machine{}, err
	}
	var folded []workflow.Machine
	for _, m := range list.Machines {
		if m.Name.String() == nameOrARN {
			return m, nil
		}
		if strings.EqualFold(m.Name.String(), nameOrARN) {
			folded = append(folded, m)
		}
	}
	if len(folded) == 1 {
		return folded[0], nil
	}
	return workflow.Machine{}, noSuchMachine(nameOrARN, list.Machines)
}

func noSuchMachine(name string, machines []workflow.Machine) *Problem {
	p := &Problem{Kind: NotFound, Title: safe.Linef("no machine is named %s", name)}
	names := make([]string, len(machines))
	for i, m := range machines {
		names[i] = m.Name.String()
	}
	switch near := nearNames(name, names); {
	case len(machines) == 0:
		p.Hint = safe.Line("there is no machine in this account and region; check --profile and --region")
	case len(near) > 0:
		p.Hint = safe.Linef("did you mean %s?", strings.Join(near, ", "))
	default:
		p.Hint = safe.Linef("`stepdeck machines` lists the %d there are in this account and region", len(machines))
	}
	return p
}

// nearNames returns up to three names that contain the wanted one or differ
// from it by few letters, nearest first.
func nearNames(want string, names []string) []string {
	type scored struct {
		name  string
		score int
	}
	lower := strings.ToLower(want)
	var near []scored
	for _, name := range names {
		other := strings.ToLower(name)
		score := distance(lower, other)
		if strings.Contains(other, lower) || strings.Contains(lower, other) {
			score = min(score, 1)
		}
		if score <= max(2, len(lower)/3) {
			near = append(near, scored{name, score})
		}
	}
	slices.SortStableFunc(near, func(a, b scored) int { return cmp.Compare(a.score, b.score) })
	out := make([]string, 0, 3)
	for _, n := range near[:min(3, len(near))] {
		out = append(out, n.name)
	}
	return out
}

// distance is the number of single-byte edits between a and b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

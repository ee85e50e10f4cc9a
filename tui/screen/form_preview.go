package screen

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// formPreview is what is asked to be confirmed: exactly what would be sent.
type formPreview struct {
	plan    ops.StartPlan
	command string
	diff    []workflow.DiffLine
	against safe.Text // what the diff is against; empty: nothing
	secrets []string  // names of values that look like secrets
	managed bool

	since time.Time // when it came up
	top   int
	room  int // lines that the last View showed
	drawn drawnPreview
}

// drawnPreview are the preview's lines as drawn for a width and a theme.
type drawnPreview struct {
	w     int
	look  theme.Options
	lines []string
}

// submit shows the preview, or the first thing that is wrong.
func (f *formScreen) submit() tea.Cmd {
	if f.mode == asFields {
		f.leaveAdd()
	}
	if f.mode == asJSON && f.fault != nil {
		f.goToFault()
		return nil
	}
	if len(f.wrong) > 0 {
		f.blame(f.wrong[0].Field)
		return nil
	}
	plan, err := f.console.DryRun(f.startSpec())
	if err != nil {
		f.refused = err
		f.blame("args")
		return nil
	}
	f.preview = f.previewOf(plan)
	f.mode = asPreview
	f.preview.since = f.now()
	return nil
}

// blame gives the row of the field the cursor; in the JSON it stays where it is.
func (f *formScreen) blame(field string) {
	for _, at := range f.rows() {
		if f.rowLabel(at) == field {
			f.mode = asFields
			f.focusOn(at)
			return
		}
	}
}

func (f *formScreen) startSpec() ops.StartSpec {
	spec := ops.StartSpec{MachineARN: f.spec.Machine.ARN, Name: f.name, Base: f.input()}
	if f.ground.managed {
		spec.Container = workflow.ManagedContainer
	}
	return spec
}

func (f *formScreen) previewOf(plan ops.StartPlan) formPreview {
	p := formPreview{plan: plan, managed: f.ground.managed}
	p.command = workflow.StartCommand(f.spec.Machine.Name.String(), plan.Name, plan.Input, f.ground.managed, placeFlags(f.console.Place))
	if f.origin != nil {
		p.against = f.origin.Name
		p.diff = workflow.DiffLines(canonicalLines(f.origin.Input), canonicalLines(plan.Input))
	}
	for _, field := range f.form.Fields() {
		if field.Text != "" && field.Secret() {
			p.secrets = append(p.secrets, field.Name())
		}
	}
	return p
}

// canonicalLines are the lines that are compared. They end without commas, so
// that a value is not changed by one that comes after it.
func canonicalLines(input string) []string {
	doc, err := workflow.ParseDocument(input)
	if err != nil {
		return strings.Split(input, "\n")
	}
	lines := strings.Split(doc.Canonical(), "\n")
	for i := range lines {
		lines[i] = strings.TrimSuffix(lines[i], ",")
	}
	return lines
}

// placeFlags are the flags that lead a command to the same place.
func placeFlags(p Place) []string {
	if p.Local {
		return []string{"--local"}
	}
	var flags []string
	for _, f := range [][2]string{{"--profile", p.Profile}, {"--region", p.Region}, {"--endpoint-url", p.Endpoint}, {"--role", p.Role}} {
		if f[1] != "" {
			flags = append(flags, f[0], f[1])
		}
	}
	return flags
}

// key scrolls the preview.
func (p *formPreview) key(k tea.KeyPressMsg) {
	switch k.String() {
	case "j", "down":
		p.top++
	case "k", "up":
		p.top--
	case "ctrl+d", "pgdown", "space":
		p.top += max(1, p.room/2)
	case "ctrl+u", "pgup":
		p.top -= max(1, p.room/2)
	case "g", "home":
		p.top = 0
	case "G", "end":
		p.top = len(p.drawn.lines)
	}
	p.top = max(0, min(p.top, len(p.drawn.lines)-p.room))
}

// backToForm leaves the preview; everything typed is as it was.
func (f *formScreen) backToForm() tea.Cmd {
	f.mode = asFields
	if f.raw != "" {
		f.mode = asJSON
	}
	return nil
}

// Subject lets the preview's command be copied and its input saved.
func (f *formScreen) Subject() *tui.Selection {
	if f.mode != asPreview {
		return nil
	}
	return &tui.Selection{
		Value: f.preview.command, ARN: f.spec.Machine.ARN, File: "input-" + f.preview.plan.Name + ".json",
		Export: func() ([]byte, error) { return []byte(f.preview.plan.Input), nil },
	}
}

// lines are the preview's sections, each text wrapped to the width.
func (p *formPreview) lines(t *theme.Theme, machine workflow.Machine, w int) []string {
	if look := t.Options(); p.drawn.lines == nil || p.drawn.w != w || p.drawn.look != look {
		d := previewDrawing{theme: t, w: w}
		p.draw(&d, machine)
		p.drawn = drawnPreview{w: w, look: look, lines: d.lines}
	}
	return p.drawn.lines
}

func (p *formPreview) draw(d *previewDrawing, machine workflow.Machine) {
	for _, warning := range p.plan.Warnings {
		d.text(theme.Warning, "! ", warning.String())
	}
	for _, name := range p.secrets {
		d.text(theme.Warning, "! ", name+" looks like a secret: everyone who may read the run's history can read it; put it into the stack's secrets instead")
	}
	d.head("StartExecution")
	d.pair("machine", machine.ARN)
	d.pair("name", p.plan.Name)
	d.pair("input", safe.Count(len(p.plan.Input)).String()+" of "+safe.Count(workflow.MaxInput).String()+" bytes, as below")
	if !p.against.Empty() {
		d.head("changed against " + p.against.String())
		d.diff(p.diff)
	}
	if p.plan.Preview != nil {
		d.head("in the container " + workflow.ManagedContainer)
		d.container(workflow.OverridesOf(p.plan.Input))
		d.pair("size", "about "+safe.Count(p.plan.Preview.Estimated).String()+" of "+safe.Count(workflow.MaxOverrides).String()+" characters of overrides")
		d.code(textOf(p.plan.Preview.JSON))
	}
	d.head("input")
	d.code(textOf(p.plan.Input))
	d.head("the same as a command")
	d.text(theme.Text, "", p.command)
}

// textOf is JSON as it is read.
func textOf(input string) string {
	doc, err := workflow.ParseDocument(input)
	if err != nil {
		return workflow.EscapeJSON(input)
	}
	return workflow.EscapeJSON(doc.Text())
}

// changesOnly leaves the changed lines and two around them; nil is a gap.
func changesOnly(diff []workflow.DiffLine) []*workflow.DiffLine {
	const around = 2
	near := func(i int) bool {
		part := diff[max(0, i-around):min(len(diff), i+around+1)]
		return slices.ContainsFunc(part, func(l workflow.DiffLine) bool { return l.Op != workflow.DiffSame })
	}
	var out []*workflow.DiffLine
	for i := range diff {
		switch {
		case near(i):
			out = append(out, &diff[i])
		case len(out) > 0 && out[len(out)-1] != nil:
			out = append(out, nil)
		}
	}
	return out
}

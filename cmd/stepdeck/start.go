package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/config"
	"github.com/stepdeck/stepdeck/tui/preset"
)

type startFlags struct {
	parameters                overrideFlags
	input, like, preset, name string
	wait, follow, dryRun      bool
}

func newStartCommand(a *app) *cobra.Command {
	f := startFlags{}
	c := &cobra.Command{
		Use:   "start MACHINE [ARGS…]",
		Short: "Start a run",
		Long: "Start a run of MACHINE. ARGS are the command of its container; those that begin with - come after --.\n" +
			"With --like RUN or --preset PRESET the parameters given here are put over that input, and MACHINE may be left out.",
		Example: "  stepdeck start dumps mysql-dump -e DB_NAME=shop --memory 2048 --follow\n" +
			"  stepdeck start --like @failed --memory 4096\n" +
			"  echo '{\"args\": [\"drill\", \"succeed\"]}' | stepdeck start dumps --input -",
		RunE: func(c *cobra.Command, args []string) error {
			return a.start(c.Context(), args, f)
		},
	}
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		if !strings.HasPrefix(err.Error(), "unknown ") {
			return usage(c, err)
		}
		return refuse(err.Error(), safe.Text{}, "arguments of the container that begin with - come after --, as in: stepdeck start MACHINE -- drill succeed --after 2")
	})
	flags := c.Flags()
	f.parameters.register(c)
	flags.StringVar(&f.input, "input", "", "`FILE` with the JSON input, - for standard input")
	flags.StringVar(&f.like, "like", "", "start from the input of this `RUN`")
	flags.StringVar(&f.preset, "preset", "", "start from the input of this `PRESET`, as the form of a new run saves them")
	flags.StringVar(&f.name, "name", "", "`NAME` of the run; made up if left out")
	flags.BoolVar(&f.wait, "wait", false, "wait for the end; exit 1 if the run fails")
	flags.BoolVar(&f.follow, "follow", false, "follow the log to the end; exit 1 if the run fails")
	flags.BoolVar(&f.dryRun, "dry-run", false, "show what would be sent, and send nothing")
	return c
}

func (a *app) start(ctx context.Context, args []string, f startFlags) error {
	if err := f.check(args); err != nil {
		return err
	}
	s, err := a.service(ctx)
	if err != nil {
		return err
	}
	spec, err := a.startSpec(ctx, s, args, f)
	if err != nil {
		return err
	}
	if f.dryRun {
		plan, err := s.DryRun(spec)
		if err != nil {
			return err
		}
		return a.printResult(viewPlan(plan), plan.Name, func(w *bytes.Buffer) { writePlan(w, plan) })
	}
	run, plan, err := s.Start(ctx, spec)
	if err != nil {
		return err
	}
	for _, w := range plan.Warnings {
		a.note("warning: %s", w)
	}
	return a.afterStart(ctx, s, run, f)
}

// check refuses flags that do not go together.
func (f startFlags) check(args []string) error {
	if len(args) == 0 && f.like == "" && f.preset == "" {
		return refuse("MACHINE is missing", safe.Text{}, "name the machine to start, a run to repeat with --like RUN, or a preset with --preset PRESET")
	}
	var given []string
	for _, flag := range []struct{ name, value string }{{"--input", f.input}, {"--like", f.like}, {"--preset", f.preset}} {
		if flag.value != "" {
			given = append(given, flag.name)
		}
	}
	if len(given) > 1 {
		return refuse(strings.Join(given, " and "), safe.Line("each gives the whole input"), "use one of them")
	}
	return nil
}

// startSpec reads the flags and checks them against what the machine takes.
func (a *app) startSpec(ctx context.Context, s *ops.Service, args []string, f startFlags) (ops.StartSpec, error) {
	var spec ops.StartSpec
	var job []string
	if len(args) > 1 {
		job = args[1:]
	}
	o, err := f.parameters.overrides(job)
	if err != nil {
		return spec, err
	}
	base, machine, err := a.startBase(ctx, s, f)
	if err != nil {
		return spec, err
	}
	if len(args) > 0 {
		machine = args[0]
	}
	found, err := s.FindMachine(ctx, machine)
	if err != nil {
		return spec, err
	}
	detail, err := s.DescribeMachine(ctx, found.ARN)
	if err != nil {
		return spec, err
	}
	if detail.Type == workflow.Express && (f.wait || f.follow) {
		return spec, refuse("--wait and --follow", safe.Linef("%s is an Express machine: AWS keeps no record of its runs to look at", detail.Name),
			"leave them out; what its runs did is in its log group, if it has one")
	}
	takes, err := parametersOf(detail)
	if err != nil {
		return spec, err
	}
	spec = ops.StartSpec{MachineARN: found.ARN, Name: f.name, Base: base, Overrides: o}
	if takes.managed {
		spec.Container = workflow.ManagedContainer
	}
	return spec, takes.check(o, base)
}

// startBase reads the input that the parameters are put over, and whose machine it was.
func (a *app) startBase(ctx context.Context, s *ops.Service, f startFlags) (base, machine string, err error) {
	switch {
	case f.like != "":
		run, err := findRun(ctx, s, f.like)
		return run.Input, run.MachineARN, err
	case f.input != "":
		base, err = a.readInput(f.input)
		return base, "", err
	case f.preset != "":
		return readPreset(f.preset)
	default:
		return "", "", nil
	}
}

// mostRead bounds what is read of an input, in bytes: it may have no end, and is refused far earlier.
const mostRead = 16 << 20

// readInput reads a file, or standard input for -.
func (a *app) readInput(name string) (string, error) {
	source := a.in
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return "", refuse("--input", safe.Line(err.Error()), "name a file that can be read, or - for standard input")
		}
		defer func() { _ = file.Close() }()
		source = file
	}
	content, err := io.ReadAll(io.LimitReader(source, mostRead))
	if err != nil {
		return "", fmt.Errorf("read --input %s: %w", name, err)
	}
	if len(content) == 0 {
		return "", refuse("--input", safe.Line("it is empty"), "give a JSON document, at least {}")
	}
	return string(content), workflow.CheckInput(string(content))
}

// readPreset is the input of a saved preset, and the name of the machine it was saved for.
func readPreset(name string) (input, machine string, err error) {
	settings, err := config.Load(config.Path())
	if err != nil {
		return "", "", err
	}
	p, err := preset.Find(settings.Presets, name)
	if err != nil {
		return "", "", err
	}
	var text bytes.Buffer
	if err := json.Compact(&text, p.Input); err != nil {
		return "", "", fmt.Errorf("preset %s: %w", name, err)
	}
	return text.String(), p.Machine, workflow.CheckInput(text.String())
}

// afterStart shows the run: at once, when it has ended, or with its log.
func (a *app) afterStart(ctx context.Context, s *ops.Service, run workflow.Run, f startFlags) error {
	if !f.wait && !f.follow {
		err := a.printResult(viewRun(run, nil, a.now()), reference(run.ARN), func(w *bytes.Buffer) {
			fmt.Fprintf(w, "started %s\n", reference(run.ARN))
		})
		if err == nil && a.flags.output == "table" && !workflow.IsExpress(run.ARN) {
			a.note("follow it with: %s", a.placed("logs -f "+reference(run.ARN)))
		}
		return err
	}
	a.note("started %s", reference(run.ARN))
	if f.follow {
		if err := a.tail(ctx, s, ops.TailRequest{RunARN: run.ARN, Follow: true}, nil); err != nil {
			return err
		}
	}
	return a.awaitRun(ctx, s, run)
}

// awaitRun waits for the run's end and shows it. Only the waiting can be interrupted.
func (a *app) awaitRun(ctx context.Context, s *ops.Service, run workflow.Run) error {
	ended, err := s.WaitRun(ctx, run.ARN)
	if err != nil {
		a.detached(ctx, run.ARN)
		return err
	}
	var failure *workflow.Failure
	if ended.Status.Bad() {
		if f, err := s.Failure(ctx, ended); err == nil {
			failure = &f
		}
	}
	err = a.printResult(viewRun(ended, failure, a.now()), reference(run.ARN), func(w *bytes.Buffer) {
		status := a.status(ended.Status)
		fmt.Fprintf(w, "%s %s after %s\n", a.paint(status.text, status.sgr), reference(run.ARN), safe.Duration(ended.Duration(a.now())))
		if failure != nil {
			fmt.Fprintf(w, "%s\n", why(failure))
		}
	})
	if err == nil && ended.Status.Bad() {
		return &runFailed{run: ended}
	}
	return err
}

// detached tells, after an interrupt, that the run goes on and how to come back to it.
func (a *app) detached(ctx context.Context, runARN string) {
	if ctx.Err() != nil {
		a.note("\ndetached: the run goes on. Follow it again with: %s", a.placed("logs -f "+reference(runARN)))
	}
}

type planView struct {
	Name       string      `json:"name"`
	MachineARN string      `json:"machineArn"`
	Input      string      `json:"input"`
	Container  string      `json:"container,omitempty"`
	Characters int         `json:"overrideCharacters,omitempty"`
	Warnings   []safe.Text `json:"warnings,omitempty"`
}

func viewPlan(p ops.StartPlan) planView {
	v := planView{Name: p.Name, MachineARN: p.MachineARN, Input: p.Input, Warnings: p.Warnings}
	if p.Preview != nil {
		v.Container, v.Characters = p.Preview.JSON, p.Preview.Estimated
	}
	return v
}

func writePlan(w *bytes.Buffer, p ops.StartPlan) {
	fmt.Fprintf(w, "would start  %s/%s\n", safe.Line(workflow.MachineName(p.MachineARN)), safe.Line(p.Name))
	fmt.Fprintf(w, "input        %s\n", safe.Line(p.Input))
	if p.Preview != nil {
		fmt.Fprintf(w, "container    %s\n", safe.Line(p.Preview.JSON))
		fmt.Fprintf(w, "size         about %s of %s characters\n", safe.Count(p.Preview.Estimated), safe.Count(workflow.MaxOverrides))
	}
	for _, warning := range p.Warnings {
		fmt.Fprintf(w, "warning      %s\n", warning)
	}
}

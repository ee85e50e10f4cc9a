package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

func newStackDeployCommand(a *app) *cobra.Command {
	f := stackFlags{}
	jobs := recipeFlags{context: "."}
	c := &cobra.Command{
		Use:   "deploy",
		Short: "Make or update the stack",
		Long: "Plan, ask, deploy, and watch. A stack that has no image gets one with the jobs that come with stepdeck,\n" +
			"built and pushed without Docker, on MariaDB's official image, which has the clients of MySQL and MariaDB.\n" +
			"--base postgres takes PostgreSQL's, --base IMAGE:TAG any other; --dockerfile has an engine build it.\n" +
			"Where something is replaced or deleted, the stack's name is to be typed.\n" +
			"A failed deployment is rolled back by AWS; the first reason is told, with the way out. Ctrl-C only stops\n" +
			"watching: the deployment goes on.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.stackDeploy(c.Context(), f, jobs) },
	}
	f.register(c)
	jobs.registerBase(c, "what the first image's layers go on", "mysql")
	c.Flags().StringVar(&jobs.scripts, "scripts", "", "`FOLDER` with jobs of your own for the first image")
	c.Flags().StringVar(&jobs.file, "dockerfile", "", "build the first image with this `DOCKERFILE`, by docker, podman or buildah")
	c.Flags().StringVar(&jobs.target, "target", "", "build this `STAGE` of the Dockerfile")
	return c
}

func (a *app) stackDeploy(ctx context.Context, f stackFlags, jobs recipeFlags) error {
	s, r, err := a.asked(ctx, f)
	if err != nil {
		return err
	}
	var first *imageMaker
	if !withoutImage(r) {
		images, err := a.images(ctx)
		if err != nil {
			return err
		}
		first = &imageMaker{service: images, flags: jobs}
	}
	state, err := a.bring(ctx, s, r, first)
	var stuck *stack.Stuck
	if errors.As(err, &stuck) && (stuck.Way.Do == stack.RemedyDelete || stuck.Way.Do == stack.RemedyContinueRollback) {
		if err := a.recover(ctx, s, stuck); err != nil {
			return err
		}
		state, err = a.bring(ctx, s, r, first)
	}
	if err != nil {
		return checksShown(a.goesOn(err), r.Stack, a.flags.output != "json")
	}
	return a.printDeployed(state)
}

// bring deploys the request and shows how it goes. What the first image is made of, nil for none,
// is looked for before a stack is made that would wait for it.
func (a *app) bring(ctx context.Context, s *stack.Service, r stack.Request, first *imageMaker) (stack.State, error) {
	tree := a.newTree()
	defer tree.end()
	told := func(line safe.Text) {
		tree.rest()
		a.note("image: %s", line)
	}
	var builder stack.ImageBuilder
	if first != nil {
		builder = first
	}
	return s.Bring(ctx, r, builder, stack.Visitor{
		Confirm: func(ctx context.Context, p *stack.Plan, again bool) error {
			tree.rest()
			a.notePlan(p)
			if first != nil && p.LacksImage() {
				first.flags.arch = p.Parameter("CpuArchitecture")
				if err := first.Prepare(ctx, image.Watcher{Line: told}); err != nil {
					return err
				}
			}
			return a.confirmPlan(ctx, p, again)
		},
		Refused: func(p *stack.Plan) { a.notePlan(p) },
		Show:    tree.show,
		Image:   told,
	})
}

// notePlan shows the plan beside the result, which is the deployed stack.
func (a *app) notePlan(p *stack.Plan) {
	if a.flags.output != "json" {
		a.say("%s", a.planText(p))
	}
}

// confirmPlan asks for the plan that was shown. What destroys is confirmed by the
// stack's name; the second change set of a deployment only then.
func (a *app) confirmPlan(ctx context.Context, p *stack.Plan, again bool) error {
	switch {
	case p.Empty() || again && !p.Destroys():
		return nil
	case p.Destroys():
		return a.confirmName(ctx, p.Stack, safe.Linef("Deploy stack %s, and lose what is replaced or deleted?", p.Stack))
	case p.Creates:
		return a.confirm(ctx, safe.Linef("Make stack %s?", p.Stack))
	default:
		return a.confirm(ctx, safe.Linef("Deploy these changes to stack %s?", p.Stack))
	}
}

// confirmName has the stack's name typed.
func (a *app) confirmName(ctx context.Context, name string, question safe.Text) error {
	if a.flags.yes {
		return nil
	}
	if !a.asks {
		return refuse("this changes things and nobody can be asked", question, "add --yes to do it without asking")
	}
	answer, err := a.ask(ctx, safe.Linef("%s Type %s:", question, name))
	if err != nil {
		return err
	}
	if answer != name {
		return refuse("nothing was changed", safe.Linef("the answer was not %s", name), "type the stack's name, or add --yes")
	}
	return nil
}

// recover asks for the way out of a stuck stack, and takes it.
func (a *app) recover(ctx context.Context, s *stack.Service, stuck *stack.Stuck) error {
	question := safe.Linef("%s Delete it, and deploy anew?", stuck.Way.Sentence)
	if stuck.Way.Do == stack.RemedyContinueRollback {
		question = safe.Linef("%s Go on with it now, and then deploy?", stuck.Way.Sentence)
	}
	if err := a.confirm(ctx, question); err != nil {
		return err
	}
	tree := a.newTree()
	defer tree.end()
	return a.goesOn(s.Recover(ctx, stuck, tree.show))
}

// goesOn tells, where watching was interrupted, that the operation goes on.
func (a *app) goesOn(err error) error {
	var d *stack.Detached
	if errors.As(err, &d) {
		a.note("The operation on stack %s goes on in AWS. Watch it with: %s", d.Stack, a.placed("stack status --watch --stack "+d.Stack))
	}
	return err
}

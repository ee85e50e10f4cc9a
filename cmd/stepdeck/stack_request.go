package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/shipped"
	"github.com/stepdeck/stepdeck/aws/stack"
)

// stackFlags say what to deploy.
type stackFlags struct {
	name, vpc, file, template, image string
	parameters                       []string
	adopt                            bool
}

func (f *stackFlags) register(c *cobra.Command) {
	stackNameFlag(c, &f.name)
	flags := c.Flags()
	flags.StringVar(&f.vpc, "vpc", "", "put the tasks into this VPC, `ID` or default: into its subnets that lead to AWS, the private ones where there are any")
	flags.StringArrayVar(&f.parameters, "parameter", nil, "`NAME=VALUE` of a template parameter; may be repeated. What is not given stays as it is")
	flags.StringVar(&f.file, "parameters-file", "", "`FILE` with parameters: TOML, JSON, or the JSON of the aws command")
	flags.StringVar(&f.template, "template", "", "deploy this `FILE` instead of the template that comes with stepdeck")
	flags.StringVar(&f.image, "image", "", "run this image: `URI` by digest, as stepdeck image push prints it")
	flags.BoolVar(&f.adopt, "adopt", false, "take the repository and bucket that a deleted stack of this name left into the new one")
}

// asked connects, and makes the request that the flags ask for.
func (a *app) asked(ctx context.Context, f stackFlags) (*stack.Service, stack.Request, error) {
	r, err := f.request()
	if err != nil {
		return nil, r, err
	}
	s, err := a.stacks(ctx)
	if err != nil {
		return nil, r, err
	}
	return s, r, f.inVPC(ctx, s, r)
}

// request reads the files that the flags name.
func (f *stackFlags) request() (stack.Request, error) {
	source, err := f.source()
	if err != nil {
		return stack.Request{}, err
	}
	values := map[string]string{}
	if f.file != "" {
		if values, err = readParameters(f.file); err != nil {
			return stack.Request{}, err
		}
	}
	for _, pair := range f.parameters {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return stack.Request{}, refuse("--parameter", safe.Linef("%q is not NAME=VALUE", pair), "give it as --parameter TaskMemory=1024")
		}
		values[name] = value
	}
	if f.image != "" {
		values["ImageUri"] = f.image
	}
	return stack.Request{Stack: f.name, Source: source, Parameters: values, Adopt: f.adopt}, nil
}

// inVPC adds the network that --vpc names.
func (f *stackFlags) inVPC(ctx context.Context, s *stack.Service, r stack.Request) error {
	if f.vpc == "" {
		return nil
	}
	for _, name := range []string{"VpcId", "SubnetIds"} {
		if _, given := r.Parameters[name]; given {
			return refuse("--vpc", safe.Linef("the parameter %s names a network too", name), "leave one of them out")
		}
	}
	network, err := s.NetworkIn(ctx, f.vpc)
	if err != nil {
		return err
	}
	for name, value := range network {
		if _, given := r.Parameters[name]; !given {
			r.Parameters[name] = value
		}
	}
	return nil
}

// withoutImage reports whether a stack without an image is asked for.
func withoutImage(r stack.Request) bool {
	image, given := r.Parameters["ImageUri"]
	return given && image == ""
}

// source is the shipped template, or the file that is named with those beside it.
func (f *stackFlags) source() (stack.Source, error) {
	if f.template == "" {
		return shipped.Source()
	}
	body, err := os.ReadFile(f.template)
	if err != nil {
		return stack.Source{}, refuse("--template", safe.Line(err.Error()), "name a template that can be read")
	}
	beside := filepath.Dir(f.template)
	return stack.Source{Name: f.template, Body: body, Read: func(uri string) ([]byte, error) {
		return os.ReadFile(filepath.Join(beside, uri))
	}}, nil
}

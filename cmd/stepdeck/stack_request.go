package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
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

// readParameters reads a file of names and values. A list's items are joined by commas.
func readParameters(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, refuse("--parameters-file", safe.Line(err.Error()), "name a file that can be read")
	}
	var values map[string]any
	switch {
	case strings.EqualFold(filepath.Ext(path), ".toml"):
		err = toml.Unmarshal(text, &values)
	case bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")):
		values, err = awsParameters(text)
	default:
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		err = decoder.Decode(&values)
	}
	if err != nil {
		return nil, badParameters(fmt.Errorf("%s: %w", path, err))
	}
	out := make(map[string]string, len(values))
	for name, value := range values {
		if out[name], err = parameterText(value); err != nil {
			return nil, badParameters(fmt.Errorf("%s: %s: %w", path, name, err))
		}
	}
	return out, nil
}

// awsParameters reads the form that the aws command takes.
func awsParameters(text []byte) (map[string]any, error) {
	var all []struct{ ParameterKey, ParameterValue string }
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	values := map[string]any{}
	for i, p := range all {
		if p.ParameterKey == "" {
			return nil, fmt.Errorf("entry %d has no ParameterKey", i+1)
		}
		values[p.ParameterKey] = p.ParameterValue
	}
	return values, nil
}

func parameterText(value any) (string, error) {
	switch value := value.(type) {
	case string, json.Number, int64, float64, bool:
		return fmt.Sprint(value), nil
	case []any:
		parts := make([]string, len(value))
		for i, item := range value {
			if _, nested := item.([]any); nested {
				return "", fmt.Errorf("a list in a list is no parameter")
			}
			var err error
			if parts[i], err = parameterText(item); err != nil {
				return "", err
			}
		}
		return strings.Join(slices.Clip(parts), ","), nil
	default:
		return "", fmt.Errorf("a parameter is a text, a number, or a list of those")
	}
}

func badParameters(err error) error {
	return refuse("--parameters-file", safe.Line(err.Error()), `write it as {"TaskMemory": "1024", "SubnetIds": ["subnet-…"]}`)
}

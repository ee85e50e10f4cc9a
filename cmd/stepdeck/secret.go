package main

import (
	"context"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
)

func newSecretCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "secret",
		Short: "Set what the tasks need to know and nobody else",
	}
	c.AddCommand(newSecretSetCommand(a))
	return c
}

// secretFlags say which secret is set.
type secretFlags struct{ stack, key string }

func newSecretSetCommand(a *app) *cobra.Command {
	f := secretFlags{}
	c := &cobra.Command{
		Use:   "set [NAME]",
		Short: "Set a secret from a prompt or standard input",
		Long: "Make or renew an encrypted parameter (SecureString) of Systems Manager. NAME is user or password, for those\n" +
			"of the stack's database, or a full name such as /dumps/db/password; without it both are asked for. The value is\n" +
			"asked for without being shown, or read from standard input: it is never an argument, and never shown again.",
		Example: "  stepdeck stack secret set password\n  pass show shop/dump | stepdeck stack secret set password",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			name := ""
			if len(args) == 1 {
				name = args[0]
			}
			return a.secretSet(c.Context(), name, f)
		},
	}
	stackNameFlag(c, &f.stack)
	c.Flags().StringVar(&f.key, "kms-key", "", "encrypt with this `KEY` (id, alias or ARN) instead of the account's own")
	return c
}

// The names of the secrets that every stack has.
const (
	userSecret     = "user"
	passwordSecret = "password"
)

// secretView is a secret that was set, for programs.
type secretView struct {
	Name    string `json:"name"`
	Version int64  `json:"version"`
}

func (a *app) secretSet(ctx context.Context, name string, f secretFlags) error {
	if name != "" && name != userSecret && name != passwordSecret {
		if err := stack.CheckSecretName(name); err != nil {
			return err
		}
	}
	s, err := a.stacks(ctx)
	if err != nil {
		return err
	}
	names, err := a.secretsNamed(ctx, s, name, f.stack)
	if err != nil {
		return err
	}
	set := make([]secretView, 0, len(names))
	for _, n := range names {
		value, err := a.askValue(ctx, n)
		if err != nil {
			return err
		}
		version, err := s.SetSecret(ctx, stack.SecretRequest{Name: n, Value: value, KeyID: f.key})
		if err != nil {
			return err
		}
		set = append(set, secretView{n, version})
		a.note("%s is set (version %d). Tasks that start from now on get it.", n, version)
	}
	switch a.flags.output {
	case "json":
		return a.printJSON(set)
	case "name":
		return a.printNames(names...)
	}
	return nil
}

// secretsNamed are the parameters that an argument means.
func (a *app) secretsNamed(ctx context.Context, s *stack.Service, name, stackName string) ([]string, error) {
	if strings.HasPrefix(name, "/") {
		return []string{name}, nil
	}
	user, password, err := s.SecretNames(ctx, stackName)
	if err != nil {
		return nil, err
	}
	switch {
	case name == userSecret:
		return []string{user}, nil
	case name == passwordSecret:
		return []string{password}, nil
	case !a.asks:
		return nil, refuse("no secret is named", safe.Line("standard input holds one value"), "name it: user, password, or a full name such as "+password)
	default:
		return []string{user, password}, nil
	}
}

// askValue asks twice for a value that is not shown, or reads standard input.
func (a *app) askValue(ctx context.Context, name string) (stack.Value, error) {
	terminal, ok := a.in.(*os.File)
	if !a.asks || !ok {
		return a.readValue(ctx)
	}
	answers, err := a.readHidden(ctx, terminal, safe.Linef("Value of %s (not shown):", name), safe.Line("Once more:"))
	if err != nil {
		return stack.Value{}, err
	}
	if answers[0] != answers[1] {
		return stack.Value{}, refuse("nothing was changed", safe.Line("the two values differ"), "run it again")
	}
	return stack.NewValue(answers[0]), nil
}

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/local"
	"github.com/stepdeck/stepdeck/aws/local/demo"
)

func newLocalDemoCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Serve local AWS with sample runs, and open the console on it",
		Long: `Serve local AWS with machines and runs to look at: some finished, some failed, one
stuck, some running. Where MariaDB is installed a sample database is dumped too.
Everything is made by really running it.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.demo(c.Context()) },
	}
}

func (a *app) demo(ctx context.Context) error {
	server, err := a.openLocal(ctx, localFlags{runner: local.RunnerProcess}, nil)
	if err != nil {
		return err
	}
	a.cleanup = append(a.cleanup, func() { a.closeLocal(server) })
	started, err := demo.Seed(ctx, server, a.now())
	if err != nil {
		return fmt.Errorf("start the sample runs: %w", err)
	}
	a.note("started %d sample runs on local AWS at %s", len(started), server.URL())
	if err := a.demoDump(ctx, server); err != nil {
		return err
	}
	a.flags.local = true
	return a.openConsole(ctx)
}

// demoDump dumps a sample database, if there is a server for it. The server
// runs until the command ends.
func (a *app) demoDump(ctx context.Context, server *local.Server) error {
	database, err := demo.StartDatabase(ctx)
	if errors.Is(err, demo.ErrNoServer) {
		a.note("no dump among them: MariaDB is not installed (Debian: apt-get install mariadb-server)")
		return nil
	}
	if err != nil {
		return err
	}
	a.cleanup = append(a.cleanup, func() {
		if err := database.Close(); err != nil {
			a.note("%v", err)
		}
	})
	if _, err := demo.SeedDump(ctx, server, database, a.now()); err != nil {
		return fmt.Errorf("start the sample dump: %w", err)
	}
	return nil
}

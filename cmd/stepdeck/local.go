package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/local"
	"github.com/stepdeck/stepdeck/aws/local/faults"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/session"
)

// localFlags are those of `stepdeck local`.
type localFlags struct {
	listen, dir, runner, faults string
}

func newLocalCommand(a *app) *cobra.Command {
	var f localFlags
	command := &cobra.Command{
		Use:   "local",
		Short: "Serve local AWS without an account",
		Long: `Serve local AWS on loopback until ctrl+c: Step Functions, ECS, CloudWatch Logs, CloudFormation, ECR,
EventBridge, S3, SSM and STS, as far as stepdeck needs them. It checks no signature, keeps its state in a
folder, and runs each task as a process with the same entrypoint as the image.
Other commands use it with --local; other tools, by the exports that it prints.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.serveLocal(c.Context(), f) },
	}
	command.PersistentFlags().StringVar(&f.dir, "dir", "", "`FOLDER` of the state (default: below the user's state folder)")
	command.Flags().StringVar(&f.listen, "listen", "", "`HOST:PORT` on loopback (default: a free port)")
	command.Flags().StringVar(&f.runner, "runner", local.RunnerProcess, "what runs tasks: `process or docker`")
	command.Flags().StringVar(&f.faults, "faults", "", "`FILE` with faults to inject, a JSON list of rules")
	command.AddCommand(&cobra.Command{
		Use:   "reset",
		Short: "Remove the state of local AWS: runs, histories, logs and objects",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return a.resetLocal(f.dir) },
	})
	command.AddCommand(newLocalDemoCommand(a))
	return command
}

// serveLocal serves until ctx is done, which is how the user ends it.
func (a *app) serveLocal(ctx context.Context, f localFlags) error {
	var rules []faults.Rule
	if f.faults != "" {
		var err error
		if rules, err = readFaults(f.faults); err != nil {
			return err
		}
	}
	server, err := a.openLocal(ctx, f, rules)
	if err != nil {
		return err
	}
	a.printExports(server)
	<-ctx.Done()
	a.forgetAddress()
	if err := server.Close(); err != nil {
		return fmt.Errorf("stop local AWS: %w", err)
	}
	return nil
}

// openLocal starts local AWS and writes its address for other processes.
func (a *app) openLocal(ctx context.Context, f localFlags, rules []faults.Rule) (*local.Server, error) {
	log, file, err := session.OpenLog(filepath.Join(a.state, "local.log"), slog.LevelInfo)
	if err != nil {
		return nil, err
	}
	a.cleanup = append(a.cleanup, func() { _ = file.Close() })
	options := local.Options{Dir: a.localDir(f.dir), Listen: f.listen, Runner: f.runner, Log: log}
	if options.Runner == local.RunnerProcess {
		if options.Steprun, err = findSteprun(); err != nil {
			return nil, err
		}
	}
	server, err := local.Start(ctx, options)
	if err != nil {
		return nil, localProblem("local AWS did not start", err, "use the one that runs with --local, stop it, or choose another folder than "+options.Dir+" with --dir")
	}
	if err = a.bringUp(ctx, server, log); err == nil {
		err = a.writeAddress(server)
	}
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	// Faults are for the user's work, not for the start.
	server.Faults().Replace(rules)
	return server, nil
}

// startLocalHere is app.startLocal: local AWS inside this process.
func (a *app) startLocalHere(ctx context.Context) (endpoint string, stop func(), err error) {
	server, err := a.openLocal(ctx, localFlags{runner: local.RunnerProcess}, nil)
	if err != nil {
		return "", nil, err
	}
	a.note("local AWS runs only for this command, and so do its tasks; for longer, start it in another terminal: stepdeck local")
	return server.URL(), func() { a.closeLocal(server) }, nil
}

// closeLocal ends, with the command, what openLocal began.
func (a *app) closeLocal(server *local.Server) {
	a.forgetAddress()
	if err := server.Close(); err != nil {
		a.note("local AWS did not stop cleanly: %v", err)
	}
}

func (a *app) localDir(dir string) string {
	if dir != "" {
		return dir
	}
	return filepath.Join(a.state, "local", "state")
}

func (a *app) resetLocal(dir string) error {
	dir = a.localDir(dir)
	if err := local.Reset(dir); err != nil {
		return localProblem("the state of local AWS was not removed", err, "stop the one that runs, or choose another folder than "+dir+" with --dir")
	}
	fmt.Fprintf(a.out, "Removed the state of local AWS in %s.\n", dir)
	return nil
}

// printExports prints what other tools need, in one piece: who waits for the first byte has all.
func (a *app) printExports(s *local.Server) {
	var exports strings.Builder
	for _, variable := range []struct{ name, value string }{
		{"AWS_ENDPOINT_URL", s.URL()},
		{"AWS_REGION", s.Region()},
		{"AWS_DEFAULT_REGION", s.Region()},
		{"AWS_ACCESS_KEY_ID", "local"},
		{"AWS_SECRET_ACCESS_KEY", "local"},
		// Clients put "stream-" before the host for a live tail, which an address does not have.
		{"AWS_DISABLE_HOST_PREFIX_INJECTION", "true"},
	} {
		fmt.Fprintf(&exports, "export %s=%s\n", variable.name, variable.value)
	}
	fmt.Fprint(a.out, exports.String())
	fmt.Fprintf(a.err, "Local AWS serves at %s until ctrl+c. Use it with `stepdeck --local COMMAND`.\n", s.URL())
}

func (a *app) writeAddress(s *local.Server) error {
	text, err := json.Marshal(localAddress{URL: s.URL(), PID: os.Getpid(), Region: s.Region(), Account: local.Account})
	if err != nil {
		return fmt.Errorf("encode the address of local AWS: %w", err)
	}
	path := localAddressFile(a.state)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("write the address of local AWS: %w", err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return fmt.Errorf("write the address of local AWS: %w", err)
	}
	return nil
}

// forgetAddress removes the address unless another process has written its own since.
func (a *app) forgetAddress() {
	var written localAddress
	text, err := os.ReadFile(localAddressFile(a.state))
	if err != nil || json.Unmarshal(text, &written) != nil || written.PID != os.Getpid() {
		return
	}
	_ = os.Remove(localAddressFile(a.state))
}

func readFaults(path string) ([]faults.Rule, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, refuse("--faults", safe.Line(err.Error()), "give a file that can be read")
	}
	defer file.Close()
	rules, err := faults.Parse(file)
	if err != nil {
		return nil, refuse("--faults "+path, safe.Line(err.Error()), "correct the file and start again")
	}
	return rules, nil
}

// findSteprun looks for the entrypoint beside this program, then on the PATH.
func findSteprun() (string, error) {
	if own, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(own), "steprun")
		if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
			return beside, nil
		}
	}
	path, err := exec.LookPath("steprun")
	if err != nil {
		return "", &ops.Problem{
			Kind: ops.NotFound, Title: safe.Line("steprun, which runs the tasks of local AWS, is neither beside stepdeck nor on the PATH"),
			Hint: safe.Line("build both with: make build"), Err: err,
		}
	}
	return path, nil
}

// localProblem gives the way out of what keeps local AWS from starting or its state from being
// removed; inUse is the one for a folder in use.
func localProblem(title string, err error, inUse string) error {
	p := &ops.Problem{Kind: ops.Failed, Title: safe.Line(title), Detail: safe.Line(err.Error()), Err: err}
	var option *local.OptionError
	switch {
	case errors.As(err, &option):
		p.Kind, p.Hint = ops.Usage, safe.Line("correct it; stepdeck local --help shows what it takes")
	case errors.Is(err, store.ErrInUse):
		p.Hint = safe.Line(inUse)
	case errors.Is(err, local.ErrPortInUse):
		p.Hint = safe.Line("stop what listens there, or choose another port with --listen")
	default:
		p.Hint = safe.Line("correct that and try again, or choose another folder with --dir")
	}
	return p
}

package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/ecs"
	"github.com/stepdeck/stepdeck/aws/local/ecs/runner"
	"github.com/stepdeck/stepdeck/container"
)

// What runs the tasks.
const (
	// RunnerProcess runs the entrypoint's binary with the shipped jobs.
	RunnerProcess = "process"
	// RunnerDocker runs the image with the engine that the docker command reaches.
	RunnerDocker = "docker"
)

// openECS makes the runner asked for and the service on it.
func (s *Server) openECS(ctx context.Context) error {
	tasks, err := s.newRunner(ctx)
	if err != nil {
		return err
	}
	s.runner = tasks
	s.ecs, err = ecs.New(ecs.Options{
		Account: Account, Region: s.opts.Region, Clock: s.opts.Clock, Store: s.store, Faults: s.faults,
		Invoke: s.router.Invoke, Runner: tasks, Endpoint: s.url, OnChange: s.events.TaskChange, Log: s.opts.Log,
	})
	if err == nil {
		s.router.Register(s.ecs.API())
	}
	return err
}

func (s *Server) newRunner(ctx context.Context) (runner.Runner, error) {
	switch s.opts.Runner {
	case RunnerDocker:
		return runner.NewDocker(ctx, runner.DockerOptions{
			Registry: s.registry.Host(), Mirror: strings.TrimPrefix(s.url, "http://"), Login: s.registry.Login,
		})
	case RunnerProcess:
		scripts := filepath.Join(s.opts.Dir, "scripts")
		if err := writeScripts(scripts); err != nil {
			return nil, fmt.Errorf("write the jobs to %s: %w", scripts, err)
		}
		programs, err := linkSteprun(s.opts.Dir, s.opts.Steprun)
		if err != nil {
			return nil, err
		}
		work := filepath.Join(s.opts.Dir, "tasks")
		if err := os.MkdirAll(work, 0o700); err != nil {
			return nil, err
		}
		return runner.NewProcess(runner.ProcessOptions{
			Entrypoint: s.opts.Steprun, Scripts: scripts + string(filepath.ListSeparator) + programs, Dir: work,
			Images: s.hasImage,
		})
	default:
		return nil, badOption("there is no runner %q; use %s or %s", s.opts.Runner, RunnerProcess, RunnerDocker)
	}
}

// hasImage tells whether the registry has the image, which is named by digest.
func (s *Server) hasImage(uri string) bool {
	path, local := strings.CutPrefix(uri, s.registry.Host()+"/")
	repository, digest, pinned := strings.Cut(path, "@")
	return local && pinned && s.Invoke(context.Background(), "ecr", "DescribeImages", map[string]any{
		"repositoryName": repository, "imageIds": []map[string]string{{"imageDigest": digest}},
	}, nil) == nil
}

// linkSteprun makes a folder in which the jobs find steprun, as they do in the
// image, whatever the binary is called.
func linkSteprun(dir, steprun string) (string, error) {
	target, err := filepath.Abs(steprun)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", steprun, err)
	}
	folder := filepath.Join(dir, "bin")
	link := filepath.Join(folder, "steprun")
	if err := errors.Join(os.RemoveAll(folder), os.MkdirAll(folder, 0o750)); err != nil {
		return "", fmt.Errorf("make the folder of steprun: %w", err)
	}
	return folder, os.Symlink(target, link)
}

// writeScripts puts the jobs of the image into a folder, in place of those of
// an earlier version.
func writeScripts(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	jobs, err := fs.Sub(container.Scripts, "scripts")
	if err != nil {
		return err
	}
	entries, err := fs.ReadDir(jobs, ".")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		text, err := fs.ReadFile(jobs, entry.Name())
		if err != nil {
			return err
		}
		mode := os.FileMode(0o755)
		if filepath.Ext(entry.Name()) != "" {
			mode = 0o644 // what jobs source is no job
		}
		if err := os.WriteFile(filepath.Join(dir, entry.Name()), text, mode); err != nil {
			return err
		}
	}
	return nil
}

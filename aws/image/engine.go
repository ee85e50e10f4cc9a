package image

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/stepdeck/stepdeck/aws/ops"
)

// engines are the programs that build with a Dockerfile, by preference.
var engines = []string{"docker", "podman", "buildah"}

// engineGrace is how long an engine may take to clean up after it was interrupted.
const engineGrace = 10 * time.Second

// lastLines of an engine's output go into the error.
const lastLines = 5

// save are the arguments that write an image to a tarball, by engine.
func save(engine, id, file string) []string {
	switch engine {
	case "podman":
		return []string{"save", "--format", "docker-archive", "--output", file, id}
	case "buildah":
		return []string{"push", id, "docker-archive:" + file}
	default:
		return []string{"save", "--output", file, id}
	}
}

// byEngine has an engine build the image and takes it over: what the engine keeps is not needed
// afterwards. Its times are set to one, so that building it again gives the same digest if the
// files are the same.
func byEngine(ctx context.Context, d Dockerfile, architecture string, w Watcher) (v1.Image, error) {
	engine, path, err := findEngine()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "stepdeck-image-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the image: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	idFile, archive := filepath.Join(dir, "id"), filepath.Join(dir, "image.tar")
	args := []string{"build", "--file", d.File, "--iidfile", idFile}
	if d.Target != "" {
		args = append(args, "--target", d.Target)
	}
	if architecture != HostArchitecture {
		args = append(args, "--platform", "linux/"+architecture)
	}
	w.line("%s builds %s", engine, d.File)
	if err := run(ctx, path, append(append(args, d.Arguments...), d.Context), w); err != nil {
		return nil, engineProblem(ctx, engine, "build "+d.File, err)
	}
	id, err := os.ReadFile(idFile)
	if err != nil {
		return nil, fmt.Errorf("read the id of the image that %s built: %w", engine, err)
	}
	if err := run(ctx, path, save(engine, strings.TrimSpace(string(id)), archive), Watcher{}); err != nil {
		return nil, engineProblem(ctx, engine, "give out the image that it built", err)
	}
	saved, err := tarball.ImageFromPath(archive, nil)
	if err != nil {
		return nil, fmt.Errorf("read the image that %s built: %w", engine, err)
	}
	return whole(saved)
}

// whole reads all of a saved image, whose file goes away, and takes out of it what is of the build
// and not of the image: times, and the containers that the engine built it in.
func whole(saved v1.Image) (v1.Image, error) {
	made, err := mutate.Time(saved, epoch, tarball.WithCompressionLevel(gzip.DefaultCompression), tarball.WithCompressedCaching)
	if err != nil {
		return nil, fmt.Errorf("set the times of the image: %w", err)
	}
	file, err := made.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("the image's configuration: %w", err)
	}
	file = file.DeepCopy()
	file.Config.Image, file.Config.Hostname = "", ""
	if made, err = mutate.ConfigFile(made, file); err != nil {
		return nil, fmt.Errorf("set the image's configuration: %w", err)
	}
	layers, err := made.Layers()
	if err != nil {
		return nil, fmt.Errorf("the image's layers: %w", err)
	}
	for _, l := range layers {
		if _, err := l.Digest(); err != nil {
			return nil, fmt.Errorf("compress a layer of the image: %w", err)
		}
	}
	return made, nil
}

// Engine is the name of the program on this computer that builds with a Dockerfile. Where there is
// none it is a Problem of kind NotFound.
func Engine() (string, error) {
	name, _, err := findEngine()
	return name, err
}

// check finds what is missing for a build.
func (d Dockerfile) check() error {
	if _, _, err := findEngine(); err != nil {
		return err
	}
	if _, err := os.Stat(d.File); err != nil {
		return refuse(ops.NotFound, err, "name a Dockerfile that is there", "the Dockerfile cannot be read")
	}
	return nil
}

func findEngine() (name, path string, err error) {
	for _, engine := range engines {
		if path, err := exec.LookPath(engine); err == nil {
			return engine, path, nil
		}
	}
	return "", "", refuse(ops.NotFound, nil, "install docker, podman or buildah; or build without an engine, on a base: --base mysql or postgres",
		"nothing on this computer can build with a Dockerfile")
}

// run runs an engine, line by line. An interrupt goes on to it, so that it can stop what it runs.
func run(ctx context.Context, path string, args []string, w Watcher) error {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = engineGrace
	out := &lines{watcher: w}
	cmd.Stdout, cmd.Stderr = out, out
	err := cmd.Run()
	out.end()
	if err != nil {
		return fmt.Errorf("%w: %s", err, strings.Join(out.last, "; "))
	}
	return nil
}

func engineProblem(ctx context.Context, engine, what string, err error) error {
	if ctx.Err() != nil {
		return errors.Join(ctx.Err(), err)
	}
	return refuse(ops.Failed, err, "the lines above tell why; is the engine running?", "%s could not %s", engine, what)
}

// lines passes what is written on by line and keeps the last ones.
type lines struct {
	mu      sync.Mutex
	watcher Watcher
	rest    []byte
	last    []string
}

// Write takes a piece of output, which may end within a line.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, p...)
	for {
		line, rest, whole := bytes.Cut(l.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		l.take(string(line))
		l.rest = rest
	}
}

func (l *lines) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.take(string(l.rest))
}

func (l *lines) take(line string) {
	if line = strings.TrimSpace(line); line == "" {
		return
	}
	l.watcher.line("%s", line)
	if l.last = append(l.last, line); len(l.last) > lastLines {
		l.last = l.last[1:]
	}
}

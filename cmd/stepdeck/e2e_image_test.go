package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stepdeck/stepdeck/aws/image"
)

func TestTheImageFromTheCommandLine(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	jobs := t.TempDir()
	if err := os.WriteFile(filepath.Join(jobs, "nightly"), []byte("#!/bin/bash\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	saved := filepath.Join(t.TempDir(), "image.tar")
	o := s.run(t, "image", "build", "--base", "scratch", "--scripts", jobs, "--save", saved, "--output", "json")
	exits0(t, o)
	built := decoded[image.Built](t, o.out)
	if info, err := os.Stat(saved); err != nil || info.Size() < built.Bytes {
		t.Errorf("the saved image: %v", err)
	}

	o = s.run(t, "image", "push", "--base", "scratch", "--scripts", jobs, "--output", "json")
	exitsWith(t, o, exitUsage)
	has(t, o.err, "nobody can be asked", "Push "+built.Digest, "--yes")
	o = s.run(t, "image", "push", "--base", "scratch", "--scripts", jobs, "--yes", "--output", "json")
	exits0(t, o)
	pushed := decoded[image.Pushed](t, o.out)
	if pushed.Digest != built.Digest || pushed.Already {
		t.Errorf("built %s, pushed %+v", built.Digest, pushed)
	}
	o = s.run(t, "image", "status", "--build", "--scripts", jobs)
	exits0(t, o)
	has(t, o.err, "base scratch, as of the newest image in dumps; --base names another")
	has(t, o.out, "newest", "here", built.Digest, "Tasks do not run the newest image; next: stepdeck --local stack deploy --image "+pushed.URI)

	exits0(t, s.run(t, "stack", "deploy", "--yes", "--image", pushed.URI))
	o = s.run(t, "image", "status", "--output", "json")
	exits0(t, o)
	if status := decoded[image.Status](t, o.out); status.Deployed == nil || status.Deployed.Image != pushed.URI || status.Outdated() {
		t.Errorf("after the deployment the status is %s", o.out)
	}
	o = s.run(t, "image", "push", "--scripts", jobs, "--yes")
	exits0(t, o)
	has(t, o.out, "The repository had it already.")
	exitsWith(t, s.run(t, "--read-only", "image", "push", "--yes"), exitDenied)
	exits0(t, s.run(t, "image", "push", "--base", saved, "--yes"))
	o = s.run(t, "image", "push", "--yes")
	exitsWith(t, o, exitUsage)
	has(t, o.err, "--base is missing", "stands on a base that was a file (sha256:", "name that file with --base")
	exitsWith(t, s.run(t, "image", "push", "--repository", "none", "--yes"), exitNotFound)
}

func TestWhatTheImageCommandsRefuse(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"an unknown processor":       {[]string{"--arch", "mips"}, []string{"--arch", `"mips" is no processor of Fargate`, "amd64 or arm64"}},
		"scripts that are no folder": {[]string{"--scripts", file}, []string{"--scripts", "is not a folder"}},
		"scripts that are not there": {[]string{"--scripts", file + "/none"}, []string{"--scripts", "name a folder that is there"}},
		"a Dockerfile and a base":    {[]string{"--file", file, "--base", file}, []string{"--file", "leave out --base"}},
		"a target alone":             {[]string{"--target", "images"}, []string{"--file is missing"}},
		"engine arguments alone":     {[]string{"--", "--no-cache"}, []string{"--file is missing"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			o := w.run(t, "", append([]string{"image", "build"}, c.args...)...)
			exitsWith(t, o, exitUsage)
			has(t, o.err, c.want...)
		})
	}
}

package main

import (
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/local/network"
	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
)

// publishedBase puts a base into a public registry and gives its name by a tag.
func publishedBase(t *testing.T, architecture string) string {
	t.Helper()
	hub := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(hub.Close)
	base, err := random.Image(512, 1)
	if err != nil {
		t.Fatal(err)
	}
	base, err = mutate.ConfigFile(base, &v1.ConfigFile{OS: "linux", Architecture: architecture, Config: v1.Config{Cmd: []string{"mariadbd"}}})
	if err != nil {
		t.Fatal(err)
	}
	at, err := name.NewTag(strings.TrimPrefix(hub.URL, "http://") + "/db:11")
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(at, base); err != nil {
		t.Fatal(err)
	}
	return at.Name()
}

func TestTheFirstImageStandsOnABaseThatStays(t *testing.T) {
	t.Parallel()
	s, base := newStation(t), publishedBase(t, image.AMD64)
	o := s.run(t, "stack", "deploy", "--stack", "shop", "--vpc", network.VPC, "--base", base, "--yes")
	exits0(t, o)
	is(t, parameter(s.stack(t, "shop"), "SubnetIds"), network.PrivateSubnet+","+network.SecondPrivateSubnet)
	pinned := base + "@sha256:"
	has(t, o.err, "image: base "+pinned, "the same image is made again", "image: pushed")
	if strings.Count(o.err, "image: base ") != 1 || strings.Index(o.err, "image: base ") > strings.Index(o.err, "CREATE_IN_PROGRESS") {
		t.Errorf("the base is looked for once, before the stack is made: %s", o.err)
	}

	jobs := t.TempDir()
	if err := os.WriteFile(filepath.Join(jobs, "nightly"), []byte("#!/bin/bash\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	o = s.run(t, "image", "push", "--stack", "shop", "--scripts", jobs, "--yes")
	exits0(t, o)
	has(t, o.err, "base "+pinned, "as of the newest image in shop; --base names another")
	has(t, o.out, "next: stepdeck --local stack deploy --stack shop --image ")
	// Of another architecture it is another digest that the tag is looked up for.
	o = s.run(t, "image", "push", "--stack", "shop", "--arch", "arm64", "--yes")
	has(t, o.err, "base "+base+", as of the newest image in shop")
}

func TestNoStackIsMadeForAnImageWithoutItsBase(t *testing.T) {
	t.Parallel()
	s, arm := newStation(t), publishedBase(t, image.ARM64)
	gone := httptest.NewServer(nil)
	gone.Close()
	nowhere := strings.TrimPrefix(gone.URL, "http://") + "/db:11"
	for name, c := range map[string]struct {
		flags []string
		code  int
		words []string
	}{
		"a registry that is not there":   {[]string{"--base", nowhere}, exitUnreachable, []string{"the base image " + nowhere + " cannot be reached", "--base scratch"}},
		"a tag that is not there":        {[]string{"--base", arm + "0"}, exitNotFound, []string{"there is no base image " + arm + "0", "check its name and tag"}},
		"no name of an image":            {[]string{"--base", "mysq"}, exitUsage, []string{`"mysq" is neither a file nor an image`, "mysql, postgres or scratch"}},
		"a VPC without a way out":        {[]string{"--base", "scratch", "--vpc", network.EmptyVPC}, exitFailed, []string{"no subnet of " + network.EmptyVPC + " leads to AWS"}},
		"a network twice":                {[]string{"--vpc", network.VPC, "--parameter", "VpcId=" + network.VPC}, exitUsage, []string{"--vpc", "the parameter VpcId names a network too"}},
		"another processor":              {[]string{"--base", arm}, exitUsage, []string{"is for linux/arm64, the image for linux/amd64"}},
		"a Dockerfile that is not there": {[]string{"--dockerfile", "none"}, exitNotFound, []string{"ockerfile"}},
	} {
		t.Run(name, func(t *testing.T) {
			if !slices.Contains(c.flags, "--vpc") {
				c.flags = append(c.flags, "--vpc", network.VPC)
			}
			o := s.run(t, append([]string{"stack", "deploy", "--stack", "shop", "--yes"}, c.flags...)...)
			exitsWith(t, o, c.code)
			has(t, o.err, c.words...)
			// AWS takes a moment to delete what a plan was made on.
			shippedtest.Eventually(t, "no stack", func() error {
				if o := s.run(t, "stack", "status", "--stack", "shop"); o.code != exitNotFound {
					return fmt.Errorf("exit code %d: %s", o.code, o.err)
				}
				return nil
			})
		})
	}
}

package image

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// Build makes the image of a recipe. Nothing leaves this computer. The same recipe gives the same
// digest; with a Dockerfile, as far as its commands give the same files.
func (s *Service) Build(ctx context.Context, r Recipe, w Watcher) (*Built, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	var made v1.Image
	var base Base
	var err error
	if r.Dockerfile != nil {
		made, err = byEngine(ctx, *r.Dockerfile, r.Architecture, w)
	} else {
		made, base, err = s.byLayers(ctx, r, w)
	}
	if err != nil {
		return nil, err
	}
	built, err := describe(made)
	if err != nil {
		return nil, err
	}
	if built.Architecture != r.Architecture {
		return nil, refuse(ops.Usage, nil, "build for it with --arch, or take another base in the Dockerfile",
			"the image that was built is for %s, the stack's tasks run on %s", built.Architecture, r.Architecture)
	}
	if built.Base = base; base.Name == Scratch {
		built.Warning = safe.Line("the image has no base: in a container, jobs find no shell and no database client; name one with --base, such as mysql or postgres")
	}
	w.line("built %s: %s compressed", built.Digest, safe.Bytes(built.Bytes))
	return built, nil
}

// byLayers puts the entrypoint and the jobs on the base.
func (s *Service) byLayers(ctx context.Context, r Recipe, w Watcher) (v1.Image, Base, error) {
	below, base, err := s.base(ctx, r, w)
	if err != nil {
		return nil, base, err
	}
	made, err := r.on(below, base)
	return made, base, err
}

// on makes the image on an open base.
func (r Recipe) on(below v1.Image, base Base) (v1.Image, error) {
	layers, err := r.layers(layerType(below))
	if err != nil {
		return nil, err
	}
	var additions []mutate.Addendum
	for _, l := range layers {
		additions = append(additions, mutate.Addendum{Layer: l, History: v1.History{Created: v1.Time{Time: epoch}, CreatedBy: maker}})
	}
	made, err := mutate.Append(below, additions...)
	if err != nil {
		return nil, fmt.Errorf("put the layers on the base: %w", err)
	}
	config, err := made.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("the base's configuration: %w", err)
	}
	config = config.DeepCopy()
	configure(config, r.Architecture, base)
	return mutate.ConfigFile(made, config)
}

// layerType is of the family of the base's: an image must not mix them.
func layerType(base v1.Image) types.MediaType {
	if mediaType, err := base.MediaType(); err == nil && mediaType == types.OCIManifestSchema1 {
		return types.OCILayer
	}
	return types.DockerLayer
}

// layers are in the order of how seldom they change.
func (r Recipe) layers(mediaType types.MediaType) ([]v1.Layer, error) {
	steprun, err := os.ReadFile(r.Steprun)
	if err != nil {
		return nil, fmt.Errorf("read the entrypoint: %w", err)
	}
	program, err := programLayer(steprun, mediaType)
	if err != nil {
		return nil, err
	}
	shipped, err := scriptLayer(r.Scripts, scriptFolder, mediaType)
	if err != nil {
		return nil, err
	}
	layers := []v1.Layer{program, shipped}
	if r.Own == nil {
		return layers, nil
	}
	own, err := scriptLayer(r.Own, ownFolder, mediaType)
	if err != nil {
		return nil, err
	}
	return append(layers, own), nil
}

// configure makes steprun the first process of an unprivileged user, whose jobs are found first
// and who can write to one folder alone. Of the base's configuration its environment is left: its
// volumes, ports, health check and signal are for the server that it would start.
func configure(file *v1.ConfigFile, architecture string, base Base) {
	file.OS, file.Architecture = "linux", architecture
	file.Created = v1.Time{Time: epoch}
	env := file.Config.Env
	path := variable(env, "PATH")
	if path == "" {
		path = usualPath
	}
	env = set(env, "PATH", searchPath(path))
	env = set(env, "HOME", "/"+workFolder)
	env = set(env, "TMPDIR", "/"+workFolder)
	file.Config = v1.Config{
		Entrypoint: []string{"/" + programFolder + "/steprun"},
		User:       fmt.Sprintf("%d:%d", user, user),
		WorkingDir: "/" + workFolder,
		Volumes:    map[string]struct{}{"/" + workFolder: {}},
		Env:        env,
		Labels:     base.label(file.Config.Labels),
	}
}

// searchPath has the jobs first, the user's own before those shipped, each folder once.
func searchPath(base string) string {
	folders := []string{"/" + ownFolder, "/" + scriptFolder, "/" + programFolder}
	for _, folder := range strings.Split(base, ":") {
		if folder == "/"+programFolder {
			continue
		}
		if !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
	}
	return strings.Join(folders, ":")
}

func variable(env []string, name string) string {
	for _, v := range env {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value
		}
	}
	return ""
}

func set(env []string, name, value string) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(v string) bool { return strings.HasPrefix(v, name+"=") })
	return append(env, name+"="+value)
}

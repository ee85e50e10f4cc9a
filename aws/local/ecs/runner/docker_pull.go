package runner

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Pull takes the image from this computer or else from its registry.
func (d *Docker) Pull(ctx context.Context, image string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, dockerPull)
	defer cancel()
	local := d.local(image)
	id, err := d.imageID(ctx, local)
	if err != nil {
		if err := d.fetch(ctx, local); err != nil {
			return "", err
		}
		if id, err = d.imageID(ctx, local); err != nil {
			return "", err
		}
	}
	if _, digest, pinned := strings.Cut(image, "@"); pinned {
		return digest, nil
	}
	return id, nil
}

func (d *Docker) imageID(ctx context.Context, image string) (string, error) {
	return d.call(ctx, "image", "inspect", "--format", "{{.Id}}", "--", image)
}

// local is the name under which the engine finds an image: one of the registry is at its mirror.
func (d *Docker) local(image string) string {
	if rest, ours := d.inRegistry(image); ours {
		return d.options.Mirror + "/" + rest
	}
	return image
}

func (d *Docker) inRegistry(image string) (rest string, ours bool) {
	if d.options.Registry == "" {
		return image, false
	}
	return strings.CutPrefix(image, d.options.Registry+"/")
}

// fetch pulls an image; from the mirror with a login of its own, which it leaves nowhere.
func (d *Docker) fetch(ctx context.Context, local string) error {
	if d.options.Mirror == "" || !strings.HasPrefix(local, d.options.Mirror+"/") {
		_, err := d.call(ctx, "pull", "--quiet", "--", local)
		return err
	}
	user, password := d.options.Login()
	dir, err := os.MkdirTemp("", "login-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	config, err := json.Marshal(map[string]any{"auths": map[string]any{
		d.options.Mirror: map[string]string{"auth": base64.StdEncoding.EncodeToString([]byte(user + ":" + password))},
	}})
	if err != nil {
		return fmt.Errorf("write the login: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "config.json"), config, 0o600); err != nil {
		return fmt.Errorf("write the login: %w", err)
	}
	env, err := d.engine(ctx)
	if err != nil {
		return err
	}
	_, err = d.callWith(ctx, append(env, "DOCKER_CONFIG="+dir), "pull", "--quiet", "--", local)
	return err
}

// engine names the engine in use, which another configuration would not know: it may be that of
// a context.
func (d *Docker) engine(ctx context.Context) ([]string, error) {
	if os.Getenv("DOCKER_HOST") != "" {
		return nil, nil
	}
	host, err := d.call(ctx, "context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
	if err != nil {
		return nil, err
	}
	return []string{"DOCKER_HOST=" + host}, nil
}

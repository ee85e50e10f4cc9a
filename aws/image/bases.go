package image

import (
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// The words that stand for a base. A file of such a name is given as ./mysql.
const (
	// MySQL has the clients that dump MySQL and MariaDB.
	MySQL = "mysql"
	// PostgreSQL has the clients that dump PostgreSQL.
	PostgreSQL = "postgres"
	// Scratch has nothing in it, not even a shell.
	Scratch = "scratch"
	// DefaultBase is taken where none is named.
	DefaultBase = MySQL
)

// published are the official images on ECR Public, which needs no login, by the tag of a version
// that is maintained for years. They have bash, zstd, gzip and the roots of trust. Of PostgreSQL's,
// that on Alpine has those roots; its pg_dump dumps every server that is not newer.
var published = map[string]string{
	MySQL:      "public.ecr.aws/docker/library/mariadb:11.8",
	PostgreSQL: "public.ecr.aws/docker/library/postgres:18-alpine",
}

// Published is the image that a word stands for; empty for what is no such word.
func Published(word string) string { return published[word] }

// Base is what the layers of an image stand on, as the image itself tells it.
type Base struct {
	// Name is REGISTRY/NAME:TAG, or Scratch; empty for a base that was a file.
	Name string `json:"name,omitempty"`
	// Digest is of the base for the image's architecture; empty for Scratch.
	Digest string `json:"digest,omitempty"`
}

// Reference is the base as a recipe names it to get the very same; empty where it was a file, or
// is not known.
func (b Base) Reference() string {
	if b.Digest == "" || b.Name == "" {
		return b.Name
	}
	return b.Name + "@" + b.Digest
}

// The labels of an image that tell its base (OCI image specification, annotations).
const (
	labels          = "org.opencontainers.image."
	baseNameLabel   = labels + "base.name"
	baseDigestLabel = labels + "base.digest"
)

// label writes the base into the labels. What labels tell of the base itself, its title or its
// version, is not true of what stands on it.
func (b Base) label(of map[string]string) map[string]string {
	all := map[string]string{}
	for name, value := range of {
		if !strings.HasPrefix(name, labels) {
			all[name] = value
		}
	}
	if b.Name != "" {
		all[baseNameLabel] = b.Name
	}
	if b.Digest != "" {
		all[baseDigestLabel] = b.Digest
	}
	return all
}

// maker is who made a layer, in the image's history.
const maker = "stepdeck"

// recorded is the base that an image of layers tells. An image by a Dockerfile may have the labels
// of what it was built from.
func recorded(file *v1.ConfigFile) Base {
	if n := len(file.History); n == 0 || file.History[n-1].CreatedBy != maker {
		return Base{}
	}
	return Base{Name: file.Config.Labels[baseNameLabel], Digest: file.Config.Labels[baseDigestLabel]}
}

package image

import (
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// The architectures of Fargate, in the words of images.
const (
	AMD64 = "amd64"
	ARM64 = "arm64"
)

// Where things are in the image. container/Dockerfile puts them at the same places.
const (
	programFolder = "usr/local/bin"
	scriptFolder  = "usr/local/lib/stepdeck/scripts"
	ownFolder     = "usr/local/lib/stepdeck/own"
	workFolder    = "work"
	user          = 65532
	usualPath     = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
)

// Recipe says what an image is made of.
type Recipe struct {
	// Architecture is AMD64 or ARM64.
	Architecture string
	// Dockerfile has an engine build the image; Base, Steprun and Scripts are not used then.
	Dockerfile *Dockerfile
	// Base is what the layers go on: MySQL (also when empty), PostgreSQL, Scratch,
	// REGISTRY/NAME:TAG, REGISTRY/NAME@sha256:…, an OCI layout's folder or a tarball's file.
	Base string
	// Steprun is the entrypoint's file: a static Linux program of the architecture.
	Steprun string
	// Scripts are the shipped jobs.
	Scripts fs.FS
	// Own are the user's jobs, found before those shipped; nil for none. Names that begin with
	// a dot are left out.
	Own fs.FS
}

// Dockerfile is a build by an engine.
type Dockerfile struct {
	// File is the Dockerfile, Context the folder that it may copy from.
	File, Context string
	// Target is the stage to build; empty for the last.
	Target string
	// Arguments are passed on to the engine's build, as they are.
	Arguments []string
}

// Built is an image that was built, with all of its layers at hand.
type Built struct {
	Digest       string `json:"digest"`
	Tag          string `json:"tag"`
	Architecture string `json:"architecture"`
	// Bytes are those to be pushed, compressed.
	Bytes int64 `json:"bytes"`
	// Base is what the layers stand on; none in an image by a Dockerfile.
	Base Base `json:"base,omitzero"`
	// Warning is what will not work in the image; mostly empty.
	Warning safe.Text `json:"warning,omitzero"`

	image v1.Image
}

// Image is the image itself.
func (b *Built) Image() v1.Image { return b.image }

// tagDigits are enough that two images never share a tag by chance.
const tagDigits = 20

// describe reads what an image is. The tag is made of its content, so that a tag means one image
// for ever.
func describe(i v1.Image) (*Built, error) {
	digest, err := i.Digest()
	if err != nil {
		return nil, fmt.Errorf("the image's digest: %w", err)
	}
	config, err := i.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("the image's configuration: %w", err)
	}
	bytes, err := bytesOf(i)
	if err != nil {
		return nil, err
	}
	return &Built{Digest: digest.String(), Tag: digest.Hex[:tagDigits], Architecture: config.Architecture, Bytes: bytes, image: i}, nil
}

func bytesOf(i v1.Image) (int64, error) {
	manifest, err := i.Manifest()
	if err != nil {
		return 0, fmt.Errorf("the image's manifest: %w", err)
	}
	total := manifest.Config.Size
	for _, l := range manifest.Layers {
		total += l.Size
	}
	return total, nil
}

func refuse(kind ops.Kind, err error, hint, format string, args ...any) error {
	p := &ops.Problem{Kind: kind, Title: safe.Linef(format, args...), Hint: safe.Line(hint), Err: err}
	if err != nil {
		p.Detail = safe.Line(err.Error())
	}
	return p
}

// check finds what cannot be built before anything is.
func (r Recipe) check() error {
	if r.Architecture != AMD64 && r.Architecture != ARM64 {
		return refuse(ops.Usage, nil, "use amd64 or arm64, as the stack's CpuArchitecture says", "%q is not an architecture of Fargate", r.Architecture)
	}
	if r.Dockerfile != nil {
		return r.Dockerfile.check()
	}
	return checkProgram(r.Steprun, r.Architecture)
}

var machines = map[string]elf.Machine{AMD64: elf.EM_X86_64, ARM64: elf.EM_AARCH64}

// checkProgram refuses an entrypoint that no task could start: of another system or processor,
// or in need of libraries that the base may lack.
func checkProgram(path, architecture string) error {
	hint := fmt.Sprintf("build it with: CGO_ENABLED=0 GOOS=linux GOARCH=%s go build -trimpath -o bin/steprun-%[1]s ./cmd/steprun", architecture)
	file, err := elf.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return refuse(ops.NotFound, err, hint, "the entrypoint %s is not there", path)
	}
	if err != nil {
		return refuse(ops.Usage, err, hint, "the entrypoint %s is not a Linux program", path)
	}
	defer func() { _ = file.Close() }()
	if file.Machine != machines[architecture] {
		return refuse(ops.Usage, nil, hint, "the entrypoint %s is for %s, the image for %s", path, file.Machine, architecture)
	}
	for _, p := range file.Progs {
		if p.Type == elf.PT_INTERP {
			return refuse(ops.Usage, nil, hint, "the entrypoint %s is not a static program", path)
		}
	}
	return nil
}

package image_test

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/binary"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/stepdeck/stepdeck/aws/client"
	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/registry"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/session"
)

const repositoryURI = "123456789012.dkr.ecr.us-east-1.amazonaws.com/dumps"

// rig is the use cases on the real clients, with local AWS's registry behind.
type rig struct {
	*image.Service
	t       *testing.T
	ports   image.Ports
	session *session.Session
	clock   *clock.Manual

	mu sync.Mutex
	// before answers in the place of the registry.
	before func(operation string) error
	// sent are the operations that the registry was asked for.
	sent []string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, clock: clock.NewManual(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))}
	kept, err := store.Open(t.TempDir())
	noError(t, err)
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	service, err := registry.New(registry.Options{
		Store: kept, Dir: t.TempDir(), Clock: r.clock, Account: "123456789012", Region: "us-east-1", Endpoint: server.URL,
		Before: func(_ context.Context, call wire.Call) error { return r.admit(call.Operation) },
	})
	noError(t, err)
	router := &wire.Router{Region: "us-east-1", Log: slog.New(slog.DiscardHandler)}
	router.Register(service.API())
	mux.Handle("/v2/", service.Handler())
	mux.Handle("/", router)
	t.Cleanup(func() {
		server.Close()
		if err := errors.Join(service.Close(), kept.Close()); err != nil {
			t.Error(err)
		}
	})
	r.connect(session.Options{Local: true, Endpoint: server.URL, Journal: session.OpenJournal(filepath.Join(t.TempDir(), "audit.jsonl"))})
	return r
}

// connect opens another session.
func (r *rig) connect(o session.Options) {
	r.t.Helper()
	s, err := session.Open(r.t.Context(), o)
	noError(r.t, err)
	r.session, r.ports = s, client.Image(s)
	r.Service = image.New(r.ports).WithRetry(time.Millisecond)
}

func (r *rig) admit(operation string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent = append(r.sent, operation)
	if r.before == nil {
		return nil
	}
	return r.before(operation)
}

// counted tells how often an operation was asked for.
func (r *rig) counted(operation string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, sent := range r.sent {
		if sent == operation {
			n++
		}
	}
	return n
}

func (r *rig) create() {
	r.t.Helper()
	_, err := ecr.NewFromConfig(r.session.Config()).CreateRepository(r.t.Context(), &ecr.CreateRepositoryInput{
		RepositoryName: aws.String("dumps"), ImageTagMutability: types.ImageTagMutabilityImmutable,
	})
	noError(r.t, err)
}

func (r *rig) build(recipe image.Recipe) *image.Built {
	r.t.Helper()
	built, err := r.Build(r.t.Context(), recipe, image.Watcher{})
	noError(r.t, err)
	return built
}

// program is the file of a Linux program with no code in it; with an interpreter it is not static.
func program(t *testing.T, architecture string, segments ...elf.ProgType) string {
	t.Helper()
	header := elf.Header64{
		Ident:   [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
		Type:    uint16(elf.ET_EXEC),
		Machine: uint16(map[string]elf.Machine{image.AMD64: elf.EM_X86_64, image.ARM64: elf.EM_AARCH64}[architecture]),
		Version: uint32(elf.EV_CURRENT), Ehsize: 64, Phoff: 64, Phentsize: 56, Phnum: uint16(len(segments)),
	}
	var file bytes.Buffer
	noError(t, binary.Write(&file, binary.LittleEndian, header))
	for _, segment := range segments {
		noError(t, binary.Write(&file, binary.LittleEndian, elf.Prog64{Type: uint32(segment)}))
	}
	path := filepath.Join(t.TempDir(), "steprun")
	noError(t, os.WriteFile(path, file.Bytes(), 0o600))
	return path
}

// recipe is of an image on no base.
func recipe(t *testing.T) image.Recipe {
	t.Helper()
	return image.Recipe{
		Architecture: image.AMD64, Base: image.Scratch, Steprun: program(t, image.AMD64),
		Scripts: fstest.MapFS{"dump": {Data: []byte("#!/bin/sh\n")}, "job.sh": {Data: []byte("# sourced\n")}},
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused checks a problem's kind and that its words are in it.
func refused(t *testing.T, err error, kind ops.Kind, words ...string) {
	t.Helper()
	if err == nil || ops.KindOf(err) != kind {
		t.Fatalf("got %v, want a problem of kind %d", err, kind)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

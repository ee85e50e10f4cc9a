// Package local is an AWS of one machine: Step Functions, ECS, CloudWatch
// Logs, S3, SSM and STS on a loopback port, with tasks that are real processes.
package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/clock"
	"github.com/stepdeck/stepdeck/aws/local/ecs"
	"github.com/stepdeck/stepdeck/aws/local/ecs/runner"
	"github.com/stepdeck/stepdeck/aws/local/faults"
	"github.com/stepdeck/stepdeck/aws/local/logs"
	"github.com/stepdeck/stepdeck/aws/local/objects"
	"github.com/stepdeck/stepdeck/aws/local/registry"
	"github.com/stepdeck/stepdeck/aws/local/states"
	"github.com/stepdeck/stepdeck/aws/local/store"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// Account is the account that every resource of local AWS belongs to.
const Account = "123456789012"

// DefaultRegion is the region where none is asked for.
const DefaultRegion = "us-east-1"

// closeGrace is how long Close lets answers under way finish.
const closeGrace = 2 * time.Second

// Options say where local AWS lives and how it runs tasks.
type Options struct {
	// Dir is the folder that keeps the state; it is made when not there.
	Dir string
	// Listen is HOST:PORT on loopback; empty means a free port of 127.0.0.1.
	Listen string
	// Region is the only region served; empty means DefaultRegion.
	Region string
	// Runner is how tasks run: RunnerProcess (also when empty) or RunnerDocker.
	Runner string
	// Steprun is the entrypoint's binary, for RunnerProcess.
	Steprun string
	// Image is the image of the shipped task definition; empty means DefaultImage.
	Image string
	// Faults are in force from the start; Seed makes their chance repeatable.
	Faults []faults.Rule
	Seed   uint64
	// Clock is the time that services live by; nil means the computer's.
	// Processes always live in real time.
	Clock clock.Clock
	// Log takes what goes wrong inside; nil discards it.
	Log *slog.Logger
}

// Server is a running local AWS. Its owner closes it.
type Server struct {
	url      string
	opts     Options
	store    *store.Store
	faults   *faults.Set
	router   *wire.Router
	states   *states.Service
	ecs      *ecs.Service
	runner   runner.Runner
	logs     *logs.Service
	objects  *objects.Objects
	registry *registry.Service
	events   *events
	http     *http.Server
	serving  sync.WaitGroup
	serveErr error
}

// Start serves local AWS and registers the shipped stack. It fails when the
// folder or the port is in use, or the address is not on loopback.
func Start(ctx context.Context, opts Options) (*Server, error) {
	opts = opts.withDefaults()
	listener, err := listen(ctx, opts.Listen)
	if err != nil {
		return nil, err
	}
	s := &Server{url: "http://" + listener.Addr().String(), opts: opts}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, listener.Close(), s.closeServices())
	}
	s.serve(listener)
	if err := s.registerStack(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("register the shipped stack: %w", err), s.Close())
	}
	s.faults.Replace(opts.Faults)
	s.states.Recover()
	s.ecs.Recover()
	return s, nil
}

// URL is the endpoint for AWS_ENDPOINT_URL.
func (s *Server) URL() string { return s.url }

// Region is the region that requests must be signed for.
func (s *Server) Region() string { return s.opts.Region }

// Faults are the rules that make calls and tasks fail.
func (s *Server) Faults() *faults.Set { return s.faults }

// Close stops serving, kills the tasks that still run, and keeps the state.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close()
	}
	s.serving.Wait()
	return errors.Join(err, s.serveErr, s.closeServices())
}

func (o Options) withDefaults() Options {
	if o.Region == "" {
		o.Region = DefaultRegion
	}
	if o.Image == "" {
		o.Image = DefaultImage
	}
	if o.Runner == "" {
		o.Runner = RunnerProcess
	}
	if o.Clock == nil {
		o.Clock = clock.Real()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

func (s *Server) admin() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/_local/faults", s.faults)
	mux.Handle("/_local/metadata/", s.ecs.Metadata())
	mux.HandleFunc("/_local/health", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	return mux
}

func (s *Server) serve(listener net.Listener) {
	s.http = &http.Server{
		Handler: s.router, ReadHeaderTimeout: 10 * time.Second,
		// The standard logger would write into the console's screen.
		ErrorLog: slog.NewLogLogger(s.opts.Log.Handler(), slog.LevelError),
	}
	s.serving.Add(1)
	go func() {
		defer s.serving.Done()
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.serveErr = err
		}
	}()
}

// closeServices stops tasks before runs, so that no run starts another task,
// and the records last. Those not opened yet are left out.
func (s *Server) closeServices() error {
	var err error
	if s.states != nil {
		s.states.Close()
	}
	if s.ecs != nil {
		s.ecs.Close()
	}
	if s.events != nil {
		s.events.close()
	}
	if s.runner != nil {
		err = s.runner.Close()
	}
	if s.logs != nil {
		err = errors.Join(err, s.logs.Close())
	}
	if s.objects != nil {
		err = errors.Join(err, s.objects.Close())
	}
	if s.store != nil {
		err = errors.Join(err, s.store.Close())
	}
	return err
}

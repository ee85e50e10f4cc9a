// Package local is an AWS of one machine: CloudFormation, Step Functions, ECS,
// ECR, CloudWatch Logs, S3, SSM, EventBridge, and what IAM, STS and EC2 tell, on
// a loopback port, with tasks that are real processes.
package local

import (
	"context"
	"encoding/json"
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
	"github.com/stepdeck/stepdeck/aws/local/events"
	"github.com/stepdeck/stepdeck/aws/local/faults"
	"github.com/stepdeck/stepdeck/aws/local/logs"
	"github.com/stepdeck/stepdeck/aws/local/objects"
	"github.com/stepdeck/stepdeck/aws/local/registry"
	"github.com/stepdeck/stepdeck/aws/local/stacks"
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
	// Seed makes the chance of faults repeatable.
	Seed uint64
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
	events   *events.Service
	stacks   *stacks.Service
	http     *http.Server
	serving  sync.WaitGroup
	serveErr error
}

// Start serves local AWS. It fails when the folder or the port is in use, or
// the address is not on loopback.
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
	s.states.Recover()
	s.ecs.Recover()
	s.events.Recover()
	s.stacks.Recover()
	return s, nil
}

// URL is the endpoint for AWS_ENDPOINT_URL.
func (s *Server) URL() string { return s.url }

// Region is the region that requests must be signed for.
func (s *Server) Region() string { return s.opts.Region }

// MachineARN is the ARN of a machine of local AWS.
func (s *Server) MachineARN(name string) string {
	return fmt.Sprintf("arn:aws:states:%s:%s:stateMachine:%s", s.opts.Region, Account, name)
}

// Invoke calls an operation of a JSON service, or one that is there for inside
// alone, with a request and, unless into is nil, reads its answer.
func (s *Server) Invoke(ctx context.Context, service, operation string, request map[string]any, into any) error {
	body, err := wire.Encode(request)
	if err != nil {
		return fmt.Errorf("encode %s: %w", operation, err)
	}
	answer, err := s.router.Invoke(ctx, service, operation, body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", service, operation, err)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("read the answer of %s: %w", operation, err)
	}
	return nil
}

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

// closeServices stops what changes the others first, then runs and tasks, and
// the records last. Those not opened yet are left out.
func (s *Server) closeServices() error {
	var err error
	if s.stacks != nil {
		err = s.stacks.Close()
	}
	if s.states != nil {
		s.states.Close()
	}
	if s.ecs != nil {
		s.ecs.Close()
	}
	if s.events != nil {
		s.events.Close()
	}
	if s.runner != nil {
		err = errors.Join(err, s.runner.Close())
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

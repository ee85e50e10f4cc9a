package e2e_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
)

// gate stands between the console and local AWS: it counts the calls and can
// hold them.
type gate struct {
	*httptest.Server
	handler http.Handler

	mu      sync.Mutex
	calls   map[string]int
	open    int
	limits  map[string]int // calls of an operation that may pass
	changed chan struct{}  // closed and made anew when a limit changes
}

// newGate forwards to an endpoint. Where brief is set, each connection is
// closed after its answer, so that none is left to be read from.
func newGate(t *testing.T, endpoint string, brief bool) *gate {
	t.Helper()
	g := &gate{calls: map[string]int{}, limits: map[string]int{}, changed: make(chan struct{})}
	proxy := shippedtest.Proxy(t, endpoint)
	proxy.FlushInterval = -1
	// A call that the console gives up is no news.
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	g.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		if !g.enter(r, operation) {
			panic(http.ErrAbortHandler)
		}
		defer g.leave()
		if brief {
			w.Header().Set("Connection", "close")
		}
		proxy.ServeHTTP(w, r)
	})
	g.Server = httptest.NewServer(g.handler)
	t.Cleanup(g.shut)
	return g
}

// shut closes the endpoint, with what is under way.
func (g *gate) shut() {
	g.CloseClientConnections()
	g.Close()
}

// reopen serves at the same address again.
func (g *gate) reopen(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", g.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	g.Server = httptest.NewUnstartedServer(g.handler)
	_ = g.Listener.Close() // the one it made by itself
	g.Listener = listener
	g.Start()
}

// enter counts a call and waits until it may pass.
func (g *gate) enter(r *http.Request, operation string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for {
		limit, limited := g.limits[operation]
		if !limited {
			limit, limited = g.limits[""]
		}
		if !limited || g.calls[operation] < limit {
			g.calls[operation]++
			g.open++
			return true
		}
		changed := g.changed
		g.mu.Unlock()
		select {
		case <-changed:
			g.mu.Lock()
		case <-r.Context().Done():
			g.mu.Lock()
			return false
		}
	}
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open--
}

// let lets n more calls of an operation pass, and holds the rest; without an
// operation, of each that has no limit of its own.
func (g *gate) let(n int, operation string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.limits[operation] = g.calls[operation] + n
	g.stir()
}

// lift holds nothing any more.
func (g *gate) lift() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.limits)
	g.stir()
}

func (g *gate) stir() {
	close(g.changed)
	g.changed = make(chan struct{})
}

// count is how many calls of an operation have passed; of all without one.
func (g *gate) count(operation string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if operation != "" {
		return g.calls[operation]
	}
	n := 0
	for _, calls := range g.calls {
		n += calls
	}
	return n
}

// under is how many calls are under way.
func (g *gate) under() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.open
}

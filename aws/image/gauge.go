package image

import (
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// gauge is a transport that tells of the bytes of a push. The library's own progress goes on after
// a request was refused, and ends the program when it then finds nobody to tell.
type gauge struct {
	told func(done, total int64)
	// sizes are of the image's parts, by digest.
	sizes map[string]int64
	total int64

	mu   sync.Mutex
	done int64
}

func newGauge(i v1.Image, told func(done, total int64)) (*gauge, error) {
	manifest, err := i.Manifest()
	if err != nil {
		return nil, fmt.Errorf("the image's manifest: %w", err)
	}
	g := &gauge{told: told, sizes: map[string]int64{manifest.Config.Digest.String(): manifest.Config.Size}}
	for _, l := range manifest.Layers {
		g.sizes[l.Digest.String()] = l.Size
	}
	for _, size := range g.sizes {
		g.total += size
	}
	return g, nil
}

func (g *gauge) add(bytes int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.done += bytes
	g.told(g.done, g.total)
}

// RoundTrip sends a request. What the registry has counts as sent; what it refused, as not sent.
func (g *gauge) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodPatch || req.Body == nil {
		answer, err := remote.DefaultTransport.RoundTrip(req)
		if err == nil && req.Method == http.MethodHead && strings.Contains(req.URL.Path, "/blobs/") && answer.StatusCode == http.StatusOK {
			g.add(g.sizes[path.Base(req.URL.Path)])
		}
		return answer, err
	}
	body := &counted{ReadCloser: req.Body, gauge: g}
	counting := req.Clone(req.Context())
	counting.Body = body
	if again := req.GetBody; again != nil {
		counting.GetBody = func() (io.ReadCloser, error) {
			body.forget()
			fresh, err := again()
			if err != nil {
				return nil, err
			}
			body = &counted{ReadCloser: fresh, gauge: g}
			return body, nil
		}
	}
	answer, err := remote.DefaultTransport.RoundTrip(counting)
	if err != nil || answer.StatusCode >= http.StatusMultipleChoices {
		body.forget()
	}
	return answer, err
}

// counted is a body whose bytes are told. It may be read after its request was answered.
type counted struct {
	io.ReadCloser
	gauge *gauge

	mu    sync.Mutex
	bytes int64
	over  bool
}

// Read reads and tells.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.over && n > 0 {
		c.bytes += int64(n)
		c.gauge.add(int64(n))
	}
	return n, err
}

// forget takes the bytes back, and tells of no more.
func (c *counted) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.over {
		c.over = true
		c.gauge.add(-c.bytes)
	}
}

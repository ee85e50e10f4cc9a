package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// bucket is an S3 endpoint in memory with the one bucket "bucket".
type bucket struct {
	t       *testing.T
	backend *s3mem.Backend
	server  *httptest.Server

	mu     sync.Mutex
	refuse func(*http.Request) int // a status, or 0 to let the request through
}

func newBucket(t *testing.T) *bucket {
	t.Helper()
	b := &bucket{t: t, backend: s3mem.New()}
	if err := b.backend.CreateBucket("bucket"); err != nil {
		t.Fatal(err)
	}
	s3 := gofakes3.New(b.backend).Server()
	b.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		refuse := b.refuse
		b.mu.Unlock()
		if refuse != nil {
			if status := refuse(r); status != 0 {
				_, _ = io.Copy(io.Discard, r.Body)
				w.WriteHeader(status)
				return
			}
		}
		s3.ServeHTTP(w, r)
	}))
	t.Cleanup(b.server.Close)
	return b
}

func (b *bucket) refuseWhen(refuse func(*http.Request) int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refuse = refuse
}

func (b *bucket) env() []string { return []string{"AWS_ENDPOINT_URL_S3=" + b.server.URL} }

func (b *bucket) put(key string, body []byte) {
	b.t.Helper()
	if _, err := b.backend.PutObject("bucket", key, map[string]string{}, bytes.NewReader(body), int64(len(body)), nil); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bucket) object(key string) *gofakes3.Object {
	b.t.Helper()
	object, err := b.backend.GetObject("bucket", key, nil)
	if err != nil {
		b.t.Fatalf("object %s: %v", key, err)
	}
	return object
}

func (b *bucket) get(key string) []byte {
	b.t.Helper()
	body, err := io.ReadAll(b.object(key).Contents)
	if err != nil {
		b.t.Fatal(err)
	}
	return body
}

func (b *bucket) keys() []string {
	b.t.Helper()
	list, err := b.backend.ListBucket("bucket", &gofakes3.Prefix{}, gofakes3.ListBucketPage{})
	if err != nil {
		b.t.Fatal(err)
	}
	var keys []string
	for _, object := range list.Contents {
		keys = append(keys, object.Key)
	}
	return keys
}

// unfinished asks over the wire how many uploads are open.
func (b *bucket) unfinished() int {
	b.t.Helper()
	b.refuseWhen(nil)
	response, err := http.Get(b.server.URL + "/bucket?uploads")
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if response.StatusCode == http.StatusNotFound && bytes.Contains(text, []byte("NoSuchUpload")) {
		return 0 // the endpoint answers so before the first upload
	}
	if err != nil || response.StatusCode != http.StatusOK {
		b.t.Fatalf("list uploads: %s %v %s", response.Status, err, text)
	}
	return bytes.Count(text, []byte("<UploadId>"))
}

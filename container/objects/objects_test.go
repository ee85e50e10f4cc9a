package objects_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/transport"
	"github.com/stepdeck/stepdeck/container/objects"
)

func newStore(t *testing.T) *objects.Store {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("bucket"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	return objects.New(aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL, HTTPClient: transport.Exact(server.Client()),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}

func TestParse(t *testing.T) {
	for uri, want := range map[string]objects.Location{
		"s3://b/k":       {Bucket: "b", Key: "k"},
		"s3://b/a/b c/d": {Bucket: "b", Key: "a/b c/d"},
	} {
		got, err := objects.Parse(uri)
		if err != nil || got != want || got.String() != uri {
			t.Errorf("%s: %v, %v", uri, got, err)
		}
	}
	for _, uri := range []string{"", "b/k", "s3://", "s3:///k", "s3://b", "s3://b/", "s3://b/folder/", "s3://b/" + strings.Repeat("k", 1025)} {
		if got, err := objects.Parse(uri); err == nil {
			t.Errorf("%.20q is taken as %v", uri, got)
		}
	}
}

func TestUnderKeepsOneSlash(t *testing.T) {
	for prefix, want := range map[string]string{"s3://b": "s3://b/x", "s3://b/": "s3://b/x", "s3://b/p": "s3://b/p/x", "s3://b/p/": "s3://b/p/x"} {
		location, err := objects.ParsePrefix(prefix)
		if err != nil || location.Under("x").String() != want {
			t.Errorf("%s: %v, %v", prefix, location.Under("x"), err)
		}
	}
}

func TestPartSizesGrowAndReachTheLargestDumps(t *testing.T) {
	total := int64(0)
	for n := 1; n <= 10_000; n++ {
		if n > 1 && objects.PartSize(n) < objects.PartSize(n-1) {
			t.Fatalf("part %d is smaller than the one before", n)
		}
		total += int64(objects.PartSize(n))
	}
	if objects.PartSize(1) != 8<<20 || objects.PartSize(10_000) != 128<<20 || total < 945<<30 {
		t.Fatalf("%d GiB fit", total>>30)
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	store := newStore(t)
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(1, 50), 1, 5).Draw(t, "part sizes")
		upload := objects.NewUploadOf(context.Background(), store, objects.Location{Bucket: "bucket", Key: "k"}, func(n int) int { return sizes[min(n, len(sizes))-1] })
		var all []byte
		for _, chunk := range rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 120), 0, 5).Draw(t, "chunks") {
			if _, err := upload.Write(chunk); err != nil {
				t.Fatal(err)
			}
			all = append(all, chunk...)
		}
		stored, err := upload.Commit()
		if err != nil || stored.CompanionErr != nil {
			t.Fatal(err, stored.CompanionErr)
		}
		sum := sha256.Sum256(all)
		if stored.Bytes != int64(len(all)) || stored.SHA256 != hex.EncodeToString(sum[:]) {
			t.Fatalf("stored %+v", stored)
		}
		var back bytes.Buffer
		size, err := store.Get(context.Background(), objects.Location{Bucket: "bucket", Key: "k"}, &back)
		if err != nil || size != stored.Bytes || !bytes.Equal(back.Bytes(), all) {
			t.Fatalf("read back %d bytes, %v", size, err)
		}
	})
}

func TestMorePartsThanS3TakesAreRefused(t *testing.T) {
	store := newStore(t)
	upload := objects.NewUploadOf(context.Background(), store, objects.Location{Bucket: "bucket", Key: "k"}, func(int) int { return 1 })
	_, err := upload.Write(make([]byte, 10_001))
	if err == nil || !strings.Contains(err.Error(), "10000 parts") {
		t.Fatalf("got %v", err)
	}
	if err := upload.Abort(); err != nil {
		t.Fatal(err)
	}
}

func TestAbortWorksAfterTheContextHasEnded(t *testing.T) {
	store := newStore(t)
	ctx, cancel := context.WithCancel(context.Background())
	upload := objects.NewUploadOf(ctx, store, objects.Location{Bucket: "bucket", Key: "k"}, func(int) int { return 10 })
	if _, err := upload.Write(make([]byte, 35)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := upload.Commit(); !errors.Is(err, context.Canceled) {
		t.Fatalf("commit: %v", err)
	}
	if err := upload.Abort(); err != nil {
		t.Fatalf("abort: %v", err)
	}
	_, err := store.Get(context.Background(), objects.Location{Bucket: "bucket", Key: "k"}, io.Discard)
	if err == nil {
		t.Fatal("there is an object")
	}
}

func TestGetComparesALargeObjectWithItsCompanion(t *testing.T) {
	store := newStore(t)
	at := objects.Location{Bucket: "bucket", Key: "k"}
	upload := objects.NewUploadOf(context.Background(), store, at, func(int) int { return 10 })
	if _, err := upload.Write([]byte("more than ten bytes")); err != nil {
		t.Fatal(err)
	}
	if stored, err := upload.Commit(); err != nil || stored.Parts != 2 {
		t.Fatal(stored, err)
	}
	other := strings.Repeat("0", 64) + "  k\n"
	if _, err := store.Put(context.Background(), strings.NewReader(other), objects.Location{Bucket: "bucket", Key: "k.sha256"}, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Get(context.Background(), at, io.Discard); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Fatalf("got %v", err)
	}
}

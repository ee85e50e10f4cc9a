package objects_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

func TestAnObjectOutlastsARestart(t *testing.T) {
	r := newRig(t)
	_, err := r.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(bucket), Key: aws.String("runs/1/out put.json"), Body: strings.NewReader(`{"a":1}`),
		ContentType: aws.String("application/json"), Metadata: map[string]string{"run": "1"},
	})
	noError(t, err)
	r.restart()
	out, body := r.get("runs/1/out put.json")
	if body != `{"a":1}` || aws.ToString(out.ContentType) != "application/json" || !out.LastModified.Equal(start) {
		t.Errorf("got %q, %s, %s", body, aws.ToString(out.ContentType), out.LastModified)
	}
	if diff := cmp.Diff(map[string]string{"run": "1"}, out.Metadata); diff != "" {
		t.Error(diff)
	}
	if aws.ToString(out.ETag) != `"bb6cb5c68df4652941caf652a366f2d8"` || out.ChecksumCRC32 == nil {
		t.Errorf("ETag %s, CRC32 %v", aws.ToString(out.ETag), out.ChecksumCRC32)
	}
	head, err := r.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String("runs/1/out put.json")})
	noError(t, err)
	if *head.ContentLength != 7 || head.Metadata["run"] != "1" || *head.ETag != *out.ETag {
		t.Errorf("head: %+v", head)
	}
}

func TestRanges(t *testing.T) {
	r := newRig(t)
	r.put("k", "0123456789")
	for asked, want := range map[string]string{"bytes=2-4": "234", "bytes=7-": "789", "bytes=-2": "89", "bytes=5-100": "56789"} {
		out, err := r.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String("k"), Range: &asked})
		noError(t, err)
		body, err := io.ReadAll(out.Body)
		noError(t, err)
		if string(body) != want {
			t.Errorf("%s gives %q, want %q", asked, body, want)
		}
	}
	_, err := r.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String("k"), Range: aws.String("bytes=10-")})
	wantCode(t, err, "InvalidRange")
}

func TestAReplacedOrDeletedObjectLeavesNoFile(t *testing.T) {
	r := newRig(t)
	r.put("k", "one")
	r.put("k", "two")
	if _, body := r.get("k"); body != "two" {
		t.Errorf("got %q", body)
	}
	r.put("other", "x")
	_, err := r.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String(bucket), Key: aws.String("k")})
	noError(t, err)
	_, err = r.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{
		Bucket: aws.String(bucket), Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: aws.String("other")}, {Key: aws.String("none")}}},
	})
	noError(t, err)
	_, err = r.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String("k")})
	wantCode(t, err, "NoSuchKey")
	_, err = r.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String("k")})
	wantCode(t, err, "NotFound")
	if n := r.files(); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

func (r *rig) files() int {
	r.t.Helper()
	files, err := os.ReadDir(filepath.Join(r.dir, "blobs"))
	noError(r.t, err)
	return len(files)
}

func TestFilesOfABodyCutShortAreRemoved(t *testing.T) {
	r := newRig(t)
	noError(t, os.WriteFile(filepath.Join(r.dir, "blobs", "blob-left"), []byte("x"), 0o600))
	r.put("k", "kept")
	r.restart()
	if n := r.files(); n != 1 {
		t.Errorf("%d files after a restart, want that of the object", n)
	}
}

func TestListingPagesByKeyAndByFolder(t *testing.T) {
	r := newRig(t)
	for _, key := range []string{"b/1", "a", "b/2", "c/x/1", "c/y/1", "d", "/odd"} {
		r.put(key, key)
	}
	tests := map[string]struct {
		in   s3.ListObjectsV2Input
		want []string
	}{
		"all":                {s3.ListObjectsV2Input{}, []string{"/odd", "a", "b/1", "b/2", "c/x/1", "c/y/1", "d"}},
		"a prefix":           {s3.ListObjectsV2Input{Prefix: aws.String("b")}, []string{"b/1", "b/2"}},
		"folders":            {s3.ListObjectsV2Input{Delimiter: aws.String("/")}, []string{"/", "a", "b/", "c/", "d"}},
		"folders in another": {s3.ListObjectsV2Input{Delimiter: aws.String("/"), Prefix: aws.String("c/")}, []string{"c/x/", "c/y/"}},
		"behind a key":       {s3.ListObjectsV2Input{StartAfter: aws.String("c/x/1")}, []string{"c/y/1", "d"}},
	}
	for name, test := range tests {
		for _, limit := range []int32{1, 2, 1000} {
			t.Run(fmt.Sprint(name, " ", limit), func(t *testing.T) {
				in := test.in
				in.Bucket, in.MaxKeys = aws.String(bucket), &limit
				got := map[string]int{}
				pages := s3.NewListObjectsV2Paginator(r.Client, &in)
				for pages.HasMorePages() {
					page, err := pages.NextPage(t.Context())
					noError(t, err)
					if *page.KeyCount > limit {
						t.Errorf("a page has %d keys", *page.KeyCount)
					}
					for _, o := range page.Contents {
						got[*o.Key]++
					}
					for _, p := range page.CommonPrefixes {
						got[*p.Prefix]++
					}
				}
				want := map[string]int{}
				for _, key := range test.want {
					want[key] = 1
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestCopyKeepsOrReplacesMetadata(t *testing.T) {
	r := newRig(t)
	_, err := r.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(bucket), Key: aws.String("from"), Body: strings.NewReader("x"), ContentType: aws.String("text/plain"), Metadata: map[string]string{"a": "1"},
	})
	noError(t, err)
	_, err = r.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: aws.String(bucket), Key: aws.String("same"), CopySource: aws.String(bucket + "/from")})
	noError(t, err)
	_, err = r.CopyObject(t.Context(), &s3.CopyObjectInput{
		Bucket: aws.String(bucket), Key: aws.String("other"), CopySource: aws.String(bucket + "/from"),
		MetadataDirective: types.MetadataDirectiveReplace, Metadata: map[string]string{"b": "2"},
	})
	noError(t, err)
	r.restart()
	for key, want := range map[string]map[string]string{"same": {"a": "1"}, "other": {"b": "2"}} {
		out, body := r.get(key)
		if diff := cmp.Diff(want, out.Metadata); diff != "" || body != "x" {
			t.Errorf("%s: %q %s", key, body, diff)
		}
	}
}

func TestChecksumsAreChecked(t *testing.T) {
	r := newRig(t)
	_, err := r.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(bucket), Key: aws.String("k"), Body: strings.NewReader("x"), ChecksumCRC32: aws.String("AAAAAA=="),
	})
	wantCode(t, err, "BadDigest")
	_, err = r.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String("k")})
	wantCode(t, err, "NoSuchKey")
	for _, algorithm := range types.ChecksumAlgorithm("").Values() {
		switch algorithm {
		case types.ChecksumAlgorithmCrc32, types.ChecksumAlgorithmCrc32c, types.ChecksumAlgorithmCrc64nvme, types.ChecksumAlgorithmSha1, types.ChecksumAlgorithmSha256:
			_, err := r.PutObject(t.Context(), &s3.PutObjectInput{
				Bucket: aws.String(bucket), Key: aws.String("k"), Body: strings.NewReader("body"), ChecksumAlgorithm: algorithm,
			})
			if err != nil {
				t.Errorf("%s: %v", algorithm, err)
				continue
			}
			if _, body := r.get("k"); body != "body" {
				t.Errorf("%s: got %q", algorithm, body)
			}
		}
	}
	if n := r.files(); n != 1 {
		t.Errorf("%d files, want that of the object", n)
	}
}

func TestAnAWSChunkedBodyIsUnpacked(t *testing.T) {
	tests := map[string]struct {
		body, length string
		status       int
	}{
		"whole":            {"5\r\nhello\r\n6;chunk-signature=x\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n", "11", 200},
		"another checksum": {"5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "11", 400},
		"another length":   {"5\r\nhello\r\n0\r\n\r\n", "11", 400},
		"cut short":        {"5\r\nhe", "5", 400},
		"no chunks":        {"hello", "5", 400},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, r.url+"/"+bucket+"/k", strings.NewReader(test.body))
			noError(t, err)
			req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20261123/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x")
			req.Header.Set("X-Amz-Content-Sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
			req.Header.Set("X-Amz-Decoded-Content-Length", test.length)
			req.Header.Set("Content-Encoding", "aws-chunked")
			answer, err := http.DefaultClient.Do(req)
			noError(t, err)
			defer func() { _ = answer.Body.Close() }()
			if answer.StatusCode != test.status {
				text, _ := io.ReadAll(answer.Body)
				t.Fatalf("status %d: %s", answer.StatusCode, text)
			}
			want := 0
			if test.status == http.StatusOK {
				want = 1
				out, body := r.get("k")
				if body != "hello world" || aws.ToString(out.ContentEncoding) != "" {
					t.Errorf("got %q in %q", body, aws.ToString(out.ContentEncoding))
				}
			}
			if n := r.files(); n != want {
				t.Errorf("%d files, want %d", n, want)
			}
		})
	}
}

func TestBuckets(t *testing.T) {
	r := newRig(t)
	_, err := r.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("second")})
	noError(t, err)
	r.restart()
	out, err := r.ListBuckets(t.Context(), &s3.ListBucketsInput{})
	noError(t, err)
	if len(out.Buckets) != 2 || *out.Buckets[0].Name != "second" || *out.Buckets[1].Name != bucket {
		t.Errorf("got %+v", out.Buckets)
	}
	head, err := r.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String(bucket)})
	noError(t, err)
	if aws.ToString(head.BucketRegion) != "us-east-1" {
		t.Errorf("region %q", aws.ToString(head.BucketRegion))
	}
	_, err = r.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String("none")})
	wantCode(t, err, "NotFound")
	_, err = r.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("none"), Key: aws.String("k"), Body: strings.NewReader("x")})
	wantCode(t, err, "NoSuchBucket")
	r.put("k", "x")
	_, err = r.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: aws.String(bucket)})
	wantCode(t, err, "BucketNotEmpty")
}

func TestTheBucketMayStandInTheHost(t *testing.T) {
	r := newRig(t)
	r.put("a/b", "x")
	for _, host := range []string{bucket + ".localhost", bucket + ".s3.us-east-1.localhost:4566"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/a/b?X-Amz-Credential=local%2F20261123%2Fus-east-1%2Fs3%2Faws4_request", nil)
		noError(t, err)
		req.Host = host
		answer, err := http.DefaultClient.Do(req)
		noError(t, err)
		body, err := io.ReadAll(answer.Body)
		noError(t, err)
		_ = answer.Body.Close()
		if string(body) != "x" {
			t.Errorf("%s: %s", host, body)
		}
	}
}

func TestRefusals(t *testing.T) {
	r := newRig(t)
	_, err := r.client("eu-west-1").ListBuckets(t.Context(), &s3.ListBucketsInput{})
	wantCode(t, err, "AuthorizationHeaderMalformed")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/", nil)
	noError(t, err)
	answer, err := http.DefaultClient.Do(req)
	noError(t, err)
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusForbidden {
		t.Errorf("an unsigned request gets %d", answer.StatusCode)
	}
	r.put("k", "x")
	_, err = r.UploadPartCopy(t.Context(), &s3.UploadPartCopyInput{
		Bucket: aws.String(bucket), Key: aws.String("to"), UploadId: aws.String("u"), PartNumber: aws.Int32(1), CopySource: aws.String(bucket + "/k"),
	})
	wantCode(t, err, "NotImplemented")
}

func TestFaultsStrikeInTheWordsOfS3(t *testing.T) {
	r := newRig(t)
	for given, want := range map[string]string{
		"ThrottlingException": "SlowDown", "ExpiredTokenException": "ExpiredToken", "AccessDeniedException": "AccessDenied",
		"InternalFailure": "InternalError", "ServiceQuotaExceeded": "ServiceQuotaExceeded",
	} {
		r.answerWith(wire.Errorf(given, "on demand"))
		_, err := r.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("k"), Body: strings.NewReader("x")})
		wantCode(t, err, want)
	}
	r.answerWith(wire.ErrDrop)
	_, err := r.ListBuckets(t.Context(), &s3.ListBucketsInput{})
	if err == nil || !strings.Contains(err.Error(), "EOF") {
		t.Errorf("a dropped call gives %v", err)
	}
}

package objects_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

func (r *rig) begin(key string) *string {
	r.t.Helper()
	out, err := r.CreateMultipartUpload(r.t.Context(), &s3.CreateMultipartUploadInput{
		Bucket: aws.String(bucket), Key: &key, Metadata: map[string]string{"run": "1"}, ContentType: aws.String("text/plain"),
	})
	noError(r.t, err)
	return out.UploadId
}

func (r *rig) part(key string, id *string, number int32, body string) types.CompletedPart {
	r.t.Helper()
	out, err := r.UploadPart(r.t.Context(), &s3.UploadPartInput{
		Bucket: aws.String(bucket), Key: &key, UploadId: id, PartNumber: &number, Body: strings.NewReader(body),
	})
	noError(r.t, err)
	return types.CompletedPart{ETag: out.ETag, PartNumber: &number, ChecksumCRC32: out.ChecksumCRC32}
}

func (r *rig) complete(key string, id *string, parts ...types.CompletedPart) (*s3.CompleteMultipartUploadOutput, error) {
	return r.CompleteMultipartUpload(r.t.Context(), &s3.CompleteMultipartUploadInput{
		Bucket: aws.String(bucket), Key: &key, UploadId: id, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
}

func TestAnUploadInPartsGoesOnAfterARestart(t *testing.T) {
	r := newRig(t)
	id := r.begin("big")
	large := strings.Repeat("a", 5<<20)
	r.part("big", id, 1, strings.Repeat("b", 5<<20))
	first := r.part("big", id, 1, large)
	r.restart()
	second := r.part("big", id, 3, "tail")
	list, err := r.ListParts(t.Context(), &s3.ListPartsInput{Bucket: aws.String(bucket), Key: aws.String("big"), UploadId: id})
	noError(t, err)
	if len(list.Parts) != 2 || *list.Parts[0].Size != 5<<20 || *list.Parts[1].PartNumber != 3 {
		t.Errorf("parts: %+v", list.Parts)
	}
	done, err := r.complete("big", id, first, second)
	noError(t, err)
	r.restart()
	out, body := r.get("big")
	if body != large+"tail" {
		t.Errorf("%d bytes came back", len(body))
	}
	if !strings.HasSuffix(*out.ETag, `-2"`) || *out.ETag != *done.ETag || aws.ToString(out.ContentType) != "text/plain" {
		t.Errorf("ETag %s, then %s, type %s", *done.ETag, *out.ETag, aws.ToString(out.ContentType))
	}
	if diff := cmp.Diff(map[string]string{"run": "1"}, out.Metadata); diff != "" {
		t.Error(diff)
	}
	if n := r.files(); n != 1 {
		t.Errorf("%d files, want that of the object", n)
	}
	_, err = r.complete("big", id, first, second)
	wantCode(t, err, "NoSuchUpload")
}

func TestUploadsUnderWayAreListedAndAborted(t *testing.T) {
	r := newRig(t)
	none, err := r.ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: aws.String(bucket)})
	noError(t, err)
	if len(none.Uploads) != 0 {
		t.Errorf("a new bucket has %+v", none.Uploads)
	}
	ids := []string{*r.begin("b"), *r.begin("a")}
	r.clock.Advance(1)
	ids = append(ids, *r.begin("a"))
	r.part("a", &ids[1], 1, "x")
	r.restart()
	var got []string
	in := &s3.ListMultipartUploadsInput{Bucket: aws.String(bucket), MaxUploads: aws.Int32(1)}
	for range 4 {
		page, err := r.ListMultipartUploads(t.Context(), in)
		noError(t, err)
		for _, u := range page.Uploads {
			got = append(got, *u.UploadId)
		}
		if !*page.IsTruncated {
			break
		}
		in.KeyMarker, in.UploadIdMarker = page.NextKeyMarker, page.NextUploadIdMarker
	}
	if diff := cmp.Diff([]string{ids[1], ids[2], ids[0]}, got); diff != "" {
		t.Error(diff)
	}
	for i, key := range []string{"b", "a", "a"} {
		_, err := r.AbortMultipartUpload(t.Context(), &s3.AbortMultipartUploadInput{Bucket: aws.String(bucket), Key: &key, UploadId: &ids[i]})
		noError(t, err)
	}
	if n := r.files(); n != 0 {
		t.Errorf("%d files are left", n)
	}
	_, err = r.AbortMultipartUpload(t.Context(), &s3.AbortMultipartUploadInput{Bucket: aws.String(bucket), Key: aws.String("b"), UploadId: &ids[0]})
	wantCode(t, err, "NoSuchUpload")
}

func TestCompletionRefuses(t *testing.T) {
	r := newRig(t)
	id := r.begin("k")
	first, second := r.part("k", id, 1, "small"), r.part("k", id, 2, "last")
	wrong := types.CompletedPart{PartNumber: aws.Int32(2), ETag: first.ETag}
	absent := types.CompletedPart{PartNumber: aws.Int32(3), ETag: first.ETag}
	for name, test := range map[string]struct {
		parts []types.CompletedPart
		code  string
	}{
		"wrong order":            {[]types.CompletedPart{second, first}, "InvalidPartOrder"},
		"another ETag":           {[]types.CompletedPart{wrong}, "InvalidPart"},
		"a part not there":       {[]types.CompletedPart{absent}, "InvalidPart"},
		"a first part too small": {[]types.CompletedPart{first, second}, "InvalidPart"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.complete("k", id, test.parts...)
			wantCode(t, err, test.code)
		})
	}
	_, err := r.complete("k", id, second)
	noError(t, err)
	if _, body := r.get("k"); body != "last" {
		t.Errorf("got %q", body)
	}
}

func TestABodyThatBreaksOffLeavesNothing(t *testing.T) {
	r := newRig(t)
	body := &breaking{bytes.NewReader(make([]byte, 1<<20))}
	_, err := r.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(bucket), Key: aws.String("k"), Body: body, ContentLength: aws.Int64(1 << 20), ChecksumCRC32: aws.String("AAAAAA=="),
	})
	if err == nil {
		t.Fatal("a body that broke off was taken")
	}
	r.restart()
	if n := r.files(); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

// breaking fails half-way.
type breaking struct{ *bytes.Reader }

func (b *breaking) Read(into []byte) (int, error) {
	if b.Len() < 1<<19 {
		return 0, errors.New("broken")
	}
	return b.Reader.Read(into)
}

func TestOperationsHaveTheirNames(t *testing.T) {
	r := newRig(t)
	in := func(s string) *string { return &s }
	calls := map[string]func(ctx context.Context){
		"ListBuckets":   func(ctx context.Context) { _, _ = r.ListBuckets(ctx, &s3.ListBucketsInput{}) },
		"CreateBucket":  func(ctx context.Context) { _, _ = r.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: in("made")}) },
		"HeadBucket":    func(ctx context.Context) { _, _ = r.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: in("made")}) },
		"DeleteBucket":  func(ctx context.Context) { _, _ = r.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: in("none")}) },
		"ListObjects":   func(ctx context.Context) { _, _ = r.ListObjects(ctx, &s3.ListObjectsInput{Bucket: in("made")}) },
		"ListObjectsV2": func(ctx context.Context) { _, _ = r.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: in("made")}) },
		"GetBucketLocation": func(ctx context.Context) {
			_, _ = r.GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: in("made")})
		},
		"DeleteObjects": func(ctx context.Context) {
			_, _ = r.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: in("made"), Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: in("k")}}}})
		},
		"PutObject": func(ctx context.Context) {
			_, _ = r.PutObject(ctx, &s3.PutObjectInput{Bucket: in("made"), Key: in("k")})
		},
		"GetObject": func(ctx context.Context) {
			_, _ = r.GetObject(ctx, &s3.GetObjectInput{Bucket: in("made"), Key: in("k")})
		},
		"HeadObject": func(ctx context.Context) {
			_, _ = r.HeadObject(ctx, &s3.HeadObjectInput{Bucket: in("made"), Key: in("k")})
		},
		"DeleteObject": func(ctx context.Context) {
			_, _ = r.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: in("made"), Key: in("k")})
		},
		"CopyObject": func(ctx context.Context) {
			_, _ = r.CopyObject(ctx, &s3.CopyObjectInput{Bucket: in("made"), Key: in("k"), CopySource: in("made/x")})
		},
		"CreateMultipartUpload": func(ctx context.Context) {
			_, _ = r.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: in("made"), Key: in("k")})
		},
		"ListMultipartUploads": func(ctx context.Context) {
			_, _ = r.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: in("made")})
		},
		"UploadPart": func(ctx context.Context) {
			_, _ = r.UploadPart(ctx, &s3.UploadPartInput{Bucket: in("made"), Key: in("k"), UploadId: in("u"), PartNumber: aws.Int32(1), Body: strings.NewReader("x")})
		},
		"ListParts": func(ctx context.Context) {
			_, _ = r.ListParts(ctx, &s3.ListPartsInput{Bucket: in("made"), Key: in("k"), UploadId: in("u")})
		},
		"CompleteMultipartUpload": func(ctx context.Context) {
			_, _ = r.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: in("made"), Key: in("k"), UploadId: in("u")})
		},
		"AbortMultipartUpload": func(ctx context.Context) {
			_, _ = r.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: in("made"), Key: in("k"), UploadId: in("u")})
		},
	}
	for name, call := range calls {
		r.seen()
		call(t.Context())
		if seen := r.seen(); len(seen) != 1 || seen[0].Operation != name || seen[0].Service != "s3" {
			t.Errorf("%s is seen as %s", name, fmt.Sprint(seen))
		}
	}
}

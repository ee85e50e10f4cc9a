package objects

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/johannesboyne/gofakes3"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// mostInside bounds an object that is read from inside, in bytes.
const mostInside = 8 << 20

type bucketRequest struct{ Bucket string }

type objectRequest struct{ Bucket, Key string }

type objectAnswer struct{ Body []byte }

type noAnswer struct{}

// Inside is what stack resources call, in JSON by the names of the S3 API. The
// body of GetObject is base64, and of at most 8 MiB.
func (o *Objects) Inside() map[string]wire.Handler {
	return map[string]wire.Handler{
		"CreateBucket": wire.Op(func(_ context.Context, in *bucketRequest) (*noAnswer, error) {
			if err := gofakes3.ValidateBucketName(in.Bucket); err != nil {
				return nil, wire.Errorf("InvalidBucketName", "The specified bucket is not valid: %s", in.Bucket)
			}
			return &noAnswer{}, inside(o.backend.CreateBucket(in.Bucket))
		}),
		"DeleteBucket": wire.Op(func(_ context.Context, in *bucketRequest) (*noAnswer, error) {
			return &noAnswer{}, inside(o.backend.DeleteBucket(in.Bucket))
		}),
		"HeadBucket": wire.Op(func(_ context.Context, in *bucketRequest) (*noAnswer, error) {
			there, err := o.backend.BucketExists(in.Bucket)
			if err == nil && !there {
				err = gofakes3.BucketNotFound(in.Bucket)
			}
			return &noAnswer{}, inside(err)
		}),
		"GetObject": wire.Op(o.readObject),
	}
}

func (o *Objects) readObject(_ context.Context, in *objectRequest) (*objectAnswer, error) {
	found, err := o.backend.GetObject(in.Bucket, in.Key, nil)
	if err != nil {
		return nil, inside(err)
	}
	defer func() { _ = found.Contents.Close() }()
	if found.Size > mostInside {
		return nil, wire.Errorf("EntityTooLarge", "The object %s has %d bytes; the limit is %d", in.Key, found.Size, mostInside)
	}
	body, err := io.ReadAll(found.Contents)
	if err != nil {
		return nil, fmt.Errorf("read object %s: %w", in.Key, err)
	}
	return &objectAnswer{body}, nil
}

// inside is an error of S3 in AWS's words.
func inside(err error) error {
	switch {
	case gofakes3.HasErrorCode(err, gofakes3.ErrBucketAlreadyExists):
		return &wire.Error{Code: "BucketAlreadyOwnedByYou", Message: "Your previous request to create the named bucket succeeded and you already own it.", Status: http.StatusConflict}
	case gofakes3.HasErrorCode(err, gofakes3.ErrBucketNotEmpty):
		return &wire.Error{Code: "BucketNotEmpty", Message: "The bucket you tried to delete is not empty", Status: http.StatusConflict}
	case gofakes3.HasErrorCode(err, gofakes3.ErrNoSuchBucket):
		return &wire.Error{Code: "NoSuchBucket", Message: "The specified bucket does not exist", Status: http.StatusNotFound}
	case gofakes3.HasErrorCode(err, gofakes3.ErrNoSuchKey):
		return &wire.Error{Code: "NoSuchKey", Message: "The specified key does not exist.", Status: http.StatusNotFound}
	}
	return err
}

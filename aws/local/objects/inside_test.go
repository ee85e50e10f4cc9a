package objects_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

func TestBucketsFromInside(t *testing.T) {
	r := newRig(t)
	call := func(operation, request string) (string, error) {
		out, err := r.inside[operation](t.Context(), []byte(request))
		if err != nil {
			return "", err
		}
		text, err := json.Marshal(out)
		return string(text), err
	}
	refused := func(operation, request, want string) {
		t.Helper()
		_, err := call(operation, request)
		known := new(wire.Error)
		if !errors.As(err, &known) || !strings.HasPrefix(known.Error(), want) {
			t.Errorf("%s %s: %v, want %s", operation, request, err, want)
		}
	}
	refused("HeadBucket", `{"Bucket":"inside"}`, "NoSuchBucket: ")
	refused("CreateBucket", `{"Bucket":"A"}`, "InvalidBucketName: ")
	if _, err := call("CreateBucket", `{"Bucket":"inside"}`); err != nil {
		t.Fatal(err)
	}
	refused("CreateBucket", `{"Bucket":"inside"}`, "BucketAlreadyOwnedByYou: ")
	if _, err := call("HeadBucket", `{"Bucket":"inside"}`); err != nil {
		t.Error(err)
	}
	if _, err := r.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("inside"), Key: aws.String("key"), Body: strings.NewReader("text")}); err != nil {
		t.Fatal(err)
	}
	refused("DeleteBucket", `{"Bucket":"inside"}`, "BucketNotEmpty: The bucket you tried to delete is not empty")
	if got, err := call("GetObject", `{"Bucket":"inside","Key":"key"}`); err != nil || got != `{"Body":"dGV4dA=="}` {
		t.Errorf("the object: %s, %v", got, err)
	}
	refused("GetObject", `{"Bucket":"inside","Key":"other"}`, "NoSuchKey: The specified key does not exist.")
}

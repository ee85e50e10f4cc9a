//go:build engine

package main

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
)

// convertsImages deploys the image for image jobs, and has it make a picture smaller.
func (s *station) convertsImages(t *testing.T) {
	pushed := s.pushes(t, "images")
	exits0(t, s.run(t, "stack", "deploy", "--yes", "--image", pushed.URI))
	status := s.run(t, "image", "status")
	exits0(t, status)
	t.Log(status.out)
	s.put(t, "pictures/wide.jpg", picture(t, 80, 40))
	in, out := "s3://"+shippedtest.Bucket+"/pictures", "s3://"+shippedtest.Bucket+"/small"
	exits0(t, s.run(t, "start", "--name", "convert", "--follow", shippedtest.Machine, "--",
		"convert-images", "--from", in, "--to", out, "--size", "20x20"))
	if got := s.pictured(t, "small/wide.jpg"); got != "20x10 jpeg" {
		t.Errorf("the picture is %s", got)
	}
}

// picture is a JPEG file.
func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := jpeg.Encode(&file, image.NewGray(image.Rect(0, 0, width, height)), nil); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func (s *station) put(t *testing.T, key string, content []byte) {
	t.Helper()
	bucket := shippedtest.Bucket
	if _, err := s.bucket.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(content)}); err != nil {
		t.Fatal(err)
	}
}

// pictured is "WIDTHxHEIGHT format" of an object.
func (s *station) pictured(t *testing.T, key string) string {
	t.Helper()
	bucket := shippedtest.Bucket
	object, err := s.bucket.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = object.Body.Close() }()
	config, format, err := image.DecodeConfig(object.Body)
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return fmt.Sprintf("%dx%d %s", config.Width, config.Height, format)
}

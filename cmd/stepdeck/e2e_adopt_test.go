package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/stepdeck/stepdeck/aws/local/network"
	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
	"github.com/stepdeck/stepdeck/aws/stack"
)

// images are the digests in the stack's repository.
func (s *station) images(t *testing.T) []string {
	t.Helper()
	out, err := ecr.NewFromConfig(s.config()).ListImages(t.Context(), &ecr.ListImagesInput{RepositoryName: aws.String(stack.DefaultName)})
	if err != nil {
		t.Fatal(err)
	}
	var digests []string
	for _, id := range out.ImageIds {
		digests = append(digests, aws.ToString(id.ImageDigest))
	}
	slices.Sort(digests)
	return slices.Compact(digests)
}

func TestANewStackAdoptsWhatADeletedOneLeft(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	const object = "dumps/of/the/old/stack"
	_, err := s.bucket.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(shippedtest.Bucket), Key: aws.String(object), Body: strings.NewReader("kept"),
	})
	if err != nil {
		t.Fatal(err)
	}
	images := s.images(t)
	if len(images) == 0 {
		t.Fatal("the stack has no image")
	}
	old := s.stack(t, stack.DefaultName).Image
	exits0(t, s.run(t, "stack", "delete", "--yes"))

	deploy := append([]string{"stack", "deploy", "--yes", "--parameter", "ImageUri=" + old}, inNetwork(network.PrivateSubnet)...)
	o := s.run(t, deploy...)
	exitsWith(t, o, exitFailed)
	has(t, o.err, "Repository", "already exists", "deploy with --adopt if an earlier stack of this name left it")
	o = s.run(t, append(deploy, "--adopt")...)
	exits0(t, o)
	has(t, o.err, "taken into the stack; its properties and tags become those of the template", "UPDATE_COMPLETE Repository", "UPDATE_COMPLETE Artifacts")
	if v := s.stack(t, stack.DefaultName); v.Image != old || !slices.Equal(s.images(t), images) {
		t.Errorf("the stack runs %s; its repository has %v, it had %v", v.Image, s.images(t), images)
	}
	_, err = s.bucket.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(shippedtest.Bucket), Key: aws.String(object)})
	if err != nil {
		t.Errorf("the object of the old stack: %v", err)
	}
	exits0(t, s.run(t, "stack", "drift", "--exit-code"))
	exits0(t, s.run(t, "start", shippedtest.Machine, "drill", "succeed", "--wait"))
}

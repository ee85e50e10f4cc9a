package objects

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const (
	callLimit     = 2 * time.Minute
	partLimit     = 30 * time.Minute
	downloadLimit = 24 * time.Hour

	// attempts per call: a dump that took hours must outlive minutes of S3 trouble.
	// AWS_MAX_ATTEMPTS overrides it.
	attempts = 8

	checksumName   = "sha256"      // metadata: the SHA-256, or
	inCompanion    = "see .sha256" // where it is
	checksumSuffix = ".sha256"
)

// Store is S3 with the credentials, region and endpoint of a configuration.
type Store struct{ client *s3.Client }

// New returns the store of cfg. With a custom endpoint buckets are addressed by path.
func New(cfg aws.Config) *Store {
	return &Store{client: s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = o.BaseEndpoint != nil
		if cfg.RetryMaxAttempts == 0 {
			o.RetryMaxAttempts = attempts
		}
	})}
}

// Get writes the object to w and returns its size. Where a SHA-256 was stored with the object it is
// compared once everything is written: after an error, what w has received must not be used.
func (s *Store) Get(ctx context.Context, from Location, w io.Writer) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, downloadLimit)
	defer cancel()
	answer, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &from.Bucket, Key: &from.Key})
	if err != nil {
		return 0, fmt.Errorf("get %s: %w", from, err)
	}
	defer answer.Body.Close() //nolint:errcheck // a read body has nothing left to say
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(w, sum), answer.Body)
	if err != nil {
		return size, fmt.Errorf("get %s: after %d bytes: %w", from, size, err)
	}
	want, err := s.checksum(ctx, from, answer)
	if err != nil {
		return size, err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); want != "" && got != want {
		return size, fmt.Errorf("get %s: its SHA-256 is %s, but %s was stored with it: the object is damaged", from, got, want)
	}
	return size, nil
}

// checksum returns the stored SHA-256, or "" when none was stored.
func (s *Store) checksum(ctx context.Context, of Location, answer *s3.GetObjectOutput) (string, error) {
	if sum := answer.Metadata[checksumName]; sum != inCompanion {
		return sum, nil
	}
	companion := Location{Bucket: of.Bucket, Key: of.Key + checksumSuffix}
	stored, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &companion.Bucket, Key: &companion.Key})
	var missing *types.NoSuchKey
	if errors.As(err, &missing) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("get %s to check %s: %w", companion, of, err)
	}
	defer stored.Body.Close() //nolint:errcheck // a read body has nothing left to say
	line, err := io.ReadAll(io.LimitReader(stored.Body, 4096))
	if err != nil {
		return "", fmt.Errorf("get %s to check %s: %w", companion, of, err)
	}
	sum, _, _ := strings.Cut(string(line), " ")
	return sum, nil
}

// List calls each for the objects whose key begins with the prefix, in the order of their keys,
// until each returns an error, which it then returns.
func (s *Store) List(ctx context.Context, prefix Location, each func(Location) error) error {
	pages := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{Bucket: &prefix.Bucket, Prefix: &prefix.Key})
	for pages.HasMorePages() {
		page, err := s.page(ctx, pages)
		if err != nil {
			return fmt.Errorf("list %s: %w", prefix, err)
		}
		for _, object := range page.Contents {
			if err := each(Location{Bucket: prefix.Bucket, Key: aws.ToString(object.Key)}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Store) page(ctx context.Context, pages *s3.ListObjectsV2Paginator) (*s3.ListObjectsV2Output, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	return pages.NextPage(ctx)
}

// Package objects reads, lists and writes S3 objects for the jobs: streaming, in bounded memory,
// and with a SHA-256 of every object written.
package objects

import (
	"fmt"
	"strings"
)

// Location names an object, or with a partial or empty key a prefix.
type Location struct{ Bucket, Key string }

func (l Location) String() string { return "s3://" + l.Bucket + "/" + l.Key }

// ParsePrefix reads s3://bucket or s3://bucket/prefix.
func ParsePrefix(uri string) (Location, error) {
	rest, ok := strings.CutPrefix(uri, "s3://")
	if !ok {
		return Location{}, fmt.Errorf("%q is not an S3 location; write s3://bucket/key", uri)
	}
	bucket, key, _ := strings.Cut(rest, "/")
	if bucket == "" {
		return Location{}, fmt.Errorf("%q names no bucket; write s3://bucket/key", uri)
	}
	return Location{Bucket: bucket, Key: key}, nil
}

// Parse reads s3://bucket/key. A key has 1 to 1,024 bytes (S3) and does not end with a slash.
func Parse(uri string) (Location, error) {
	location, err := ParsePrefix(uri)
	if err != nil {
		return Location{}, err
	}
	switch {
	case location.Key == "" || strings.HasSuffix(location.Key, "/"):
		return Location{}, fmt.Errorf("%q names no object; write s3://bucket/key", uri)
	case len(location.Key) > 1024:
		return Location{}, fmt.Errorf("the key of %q has %d bytes; S3 allows 1024", location.Bucket, len(location.Key))
	}
	return location, nil
}

// Under is the location of name below the prefix l.
func (l Location) Under(name string) Location {
	if l.Key == "" {
		return Location{Bucket: l.Bucket, Key: name}
	}
	return Location{Bucket: l.Bucket, Key: strings.TrimSuffix(l.Key, "/") + "/" + name}
}

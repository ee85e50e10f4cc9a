package objects

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// target is what a request is about.
type target struct {
	bucket, key string
}

// targetOf finds the bucket in the host or in the path.
func targetOf(req *http.Request) target {
	path := strings.TrimPrefix(req.URL.Path, "/")
	if bucket := hostBucket(req.Host); bucket != "" {
		return target{bucket, path}
	}
	bucket, key, _ := strings.Cut(path, "/")
	return target{bucket, key}
}

// hostBucket is the bucket in a host such as logs.localhost or
// logs.s3.us-east-1.localhost; none for an address.
func hostBucket(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if net.ParseIP(host) != nil || strings.HasPrefix(host, "s3.") {
		return ""
	}
	if bucket, _, ok := strings.Cut(host, ".s3."); ok {
		return bucket
	}
	bucket, _ := strings.CutSuffix(host, ".localhost")
	if bucket == host {
		return ""
	}
	return bucket
}

// path is the target as a path without a bucket in the host.
func (t target) path() string {
	if t.key == "" {
		return "/" + t.bucket
	}
	return "/" + t.bucket + "/" + t.key
}

// operation is the API's name of what a request asks for; empty for what this
// service does not know.
func operation(req *http.Request, t target) string {
	query := req.URL.Query()
	switch {
	case t.bucket == "":
		return map[string]string{http.MethodGet: "ListBuckets"}[req.Method]
	case t.key == "":
		return bucketOperation(req.Method, query)
	default:
		return objectOperation(req, query)
	}
}

func bucketOperation(method string, query url.Values) string {
	if method == http.MethodGet {
		for parameter, name := range map[string]string{
			"uploads": "ListMultipartUploads", "location": "GetBucketLocation", "versioning": "GetBucketVersioning", "versions": "ListObjectVersions",
		} {
			if query.Has(parameter) {
				return name
			}
		}
		if query.Get("list-type") == "2" {
			return "ListObjectsV2"
		}
	}
	if query.Has("versioning") {
		return map[string]string{http.MethodPut: "PutBucketVersioning"}[method]
	}
	if method == http.MethodPost && !query.Has("delete") {
		return "PostObject"
	}
	return map[string]string{
		http.MethodGet: "ListObjects", http.MethodPut: "CreateBucket", http.MethodHead: "HeadBucket",
		http.MethodDelete: "DeleteBucket", http.MethodPost: "DeleteObjects",
	}[method]
}

func objectOperation(req *http.Request, query url.Values) string {
	copies := req.Header.Get("X-Amz-Copy-Source") != ""
	switch {
	case query.Has("uploadId") && req.Method == http.MethodPut && copies:
		return "UploadPartCopy"
	case query.Has("uploadId"):
		return map[string]string{
			http.MethodPut: "UploadPart", http.MethodGet: "ListParts",
			http.MethodPost: "CompleteMultipartUpload", http.MethodDelete: "AbortMultipartUpload",
		}[req.Method]
	case query.Has("uploads"):
		return map[string]string{http.MethodPost: "CreateMultipartUpload"}[req.Method]
	case copies && req.Method == http.MethodPut:
		return "CopyObject"
	}
	return map[string]string{
		http.MethodGet: "GetObject", http.MethodHead: "HeadObject", http.MethodPut: "PutObject", http.MethodDelete: "DeleteObject",
	}[req.Method]
}

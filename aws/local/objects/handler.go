package objects

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

const errRegionCode = "AuthorizationHeaderMalformed"

// replaceHeader names the metadata that a copy is to have instead of its
// source's; gofakes3 would mix the two.
const replaceHeader = "X-Amz-Local-Replace"

// Handler answers requests with the bucket in the path or in the host.
func (o *Objects) Handler() http.Handler { return http.HandlerFunc(o.serve) }

func (o *Objects) serve(w http.ResponseWriter, req *http.Request) {
	o.serving.Add(1)
	defer o.serving.Done()
	about := targetOf(req)
	call := wire.CallOf(req, operation(req, about))
	call.Service = "s3"
	w.Header().Set("x-amz-bucket-region", o.opts.Region)
	if err := o.admit(req, call); err != nil {
		o.fail(w, req, call, err)
		return
	}
	inner := req.Clone(req.Context())
	inner.URL.Path, inner.URL.RawPath = about.path(), ""
	checksums := req.Header.Get("X-Amz-Checksum-Mode") == "ENABLED" && req.Header.Get("Range") == ""
	cleanHeader(inner.Header, call.Operation)
	if takesBody(call.Operation) {
		done, err := o.prepareBody(w, req, inner)
		if err != nil {
			o.fail(w, req, call, err)
			return
		}
		defer done()
		checksums = true
	}
	o.inner.ServeHTTP(&answer{ResponseWriter: w, body: req.Body, checksums: checksums}, inner)
}

// admit lets in what is signed for this region, is known, and is not to fail.
func (o *Objects) admit(req *http.Request, call wire.Call) error {
	switch {
	case call.AccessKey == "":
		return &wire.Error{Code: "AccessDenied", Message: "Access Denied", Status: http.StatusForbidden}
	case call.Region != "" && call.Region != o.opts.Region:
		return wire.Errorf(errRegionCode, "The authorization header is malformed; the region '%s' is wrong; expecting '%s'", call.Region, o.opts.Region)
	case call.Operation == "", call.Operation == "UploadPartCopy":
		return &wire.Error{Code: "NotImplemented", Message: "A header you provided implies functionality that is not implemented", Status: http.StatusNotImplemented}
	case o.opts.Before == nil:
		return nil
	}
	return o.opts.Before(req.Context(), call)
}

func takesBody(operation string) bool { return operation == "PutObject" || operation == "UploadPart" }

// cleanHeader leaves of the X-Amz headers, all of which gofakes3 would keep as
// metadata, those that S3 keeps.
func cleanHeader(header http.Header, operation string) {
	replaces := strings.EqualFold(header.Get("X-Amz-Metadata-Directive"), "REPLACE")
	var own []string
	for name := range header {
		meta := strings.HasPrefix(name, "X-Amz-Meta-") || slices.Contains([]string{"Content-Type", "Content-Disposition", "Content-Encoding"}, name)
		switch {
		case meta && operation == "CopyObject" && !replaces:
			header.Del(name)
		case meta:
			own = append(own, name)
		case name == "X-Amz-Copy-Source", isChecksum(name):
		case strings.HasPrefix(name, "X-Amz-"):
			header.Del(name)
		}
	}
	if operation == "CopyObject" && replaces {
		header.Set(replaceHeader, strings.Join(own, ","))
	}
}

// prepareBody gives the inner request the bytes that are meant, checked
// against the checksum that came with them. The caller calls done.
func (o *Objects) prepareBody(w http.ResponseWriter, req, inner *http.Request) (done func(), err error) {
	done = func() {}
	if strings.HasPrefix(req.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		file, err := o.spool(req, inner)
		if err != nil {
			return nil, err
		}
		done = func() {
			_ = file.Close()
			_ = os.Remove(file.Name())
		}
	}
	for name, given := range inner.Header {
		if !isChecksum(name) {
			continue
		}
		inner.Body = &checkedBody{ReadCloser: inner.Body, name: name, want: given[0], sum: checksums[name]()}
		w.Header().Set(name, given[0])
	}
	return done, nil
}

// spool unpacks an aws-chunked body to a file, since its checksum comes last.
func (o *Objects) spool(req, inner *http.Request) (*os.File, error) {
	file, err := os.CreateTemp(o.backend.dir, fileName)
	if err != nil {
		return nil, fmt.Errorf("unpack a body: %w", err)
	}
	size, trailer, err := unchunk(file, req.Body)
	if err == nil && strconv.FormatInt(size, 10) != req.Header.Get("X-Amz-Decoded-Content-Length") {
		err = wire.Errorf("IncompleteBody", "The request body terminated unexpectedly")
	}
	if err == nil {
		_, err = file.Seek(0, 0)
	}
	if err != nil {
		_ = file.Close()
		_ = os.Remove(file.Name())
		return nil, err
	}
	for name, values := range trailer {
		if isChecksum(name) {
			inner.Header[name] = values
		}
	}
	dropEncoding(inner.Header)
	inner.Body, inner.ContentLength = file, size
	inner.Header.Set("Content-Length", strconv.FormatInt(size, 10))
	return file, nil
}

// dropEncoding takes aws-chunked from the Content-Encoding, which is of the
// request and not of the object.
func dropEncoding(header http.Header) {
	var kept []string
	for _, encoding := range strings.Split(header.Get("Content-Encoding"), ",") {
		if encoding = strings.TrimSpace(encoding); encoding != "" && encoding != "aws-chunked" {
			kept = append(kept, encoding)
		}
	}
	header.Del("Content-Encoding")
	if len(kept) > 0 {
		header.Set("Content-Encoding", strings.Join(kept, ","))
	}
}

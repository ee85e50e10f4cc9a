package objects

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"runtime/debug"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const (
	mebibyte = 1 << 20
	maxParts = 10_000 // S3: parts of one upload
)

// partSize is the size of part n (from 1) in bytes: 8 MiB, from the 1,001st on 32 MiB and from the
// 3,001st on 128 MiB. Small objects so need little memory, and 10,000 parts hold 945 GiB.
func partSize(n int) int {
	switch {
	case n <= 1000:
		return 8 * mebibyte
	case n <= 3000:
		return 32 * mebibyte
	default:
		return 128 * mebibyte
	}
}

// Stored describes an object that Commit has made.
type Stored struct {
	Bytes  int64
	SHA256 string // lower-case hex, of the object
	Parts  int    // 1 when the object went up in one request
	// CompanionErr is set when the object is whole and in place, but "<key>.sha256" could not be written.
	CompanionErr error
}

// Upload streams one object into S3. Write, then call exactly one of Commit and Abort; until Commit
// succeeds there is no object. It holds two parts: one fills while the other goes up.
//
// What fits into one part is put in one request, with its SHA-256 in the metadata "sha256". S3 wants
// the metadata of a multipart upload before its content is known, so there the metadata says
// "see .sha256", and the SHA-256 goes into a companion object "<key>.sha256", in the format of
// sha256sum, once the object is there.
type Upload struct {
	ctx         context.Context // of all calls: io.Writer has no place for one
	cancel      context.CancelFunc
	store       *Store
	to          Location
	contentType string          // "" for S3's own
	partSize    func(n int) int // S3 refuses parts under 5 MiB but for the last

	sum    hash.Hash
	size   int64
	number int // of the part being filled
	part   []byte

	id     string // "" until the first part was full
	full   chan numbered
	free   chan []byte
	failed chan struct{} // closed when err is set
	ended  chan struct{} // closed when the sender has ended
	err    error
	parts  []types.CompletedPart
}

type numbered struct {
	number int
	body   []byte
}

// NewUpload starts an upload to the location. Nothing is sent before the first part is full. With
// an empty contentType it is what S3 takes without one, binary/octet-stream.
func (s *Store) NewUpload(ctx context.Context, to Location, contentType string) *Upload {
	return s.newUpload(ctx, to, contentType, partSize)
}

func (s *Store) newUpload(ctx context.Context, to Location, contentType string, partSize func(n int) int) *Upload {
	ctx, cancel := context.WithCancel(ctx)
	return &Upload{
		ctx: ctx, cancel: cancel, store: s, to: to, contentType: contentType, partSize: partSize,
		sum: sha256.New(), number: 1, part: make([]byte, 0, partSize(1)),
		full: make(chan numbered), free: make(chan []byte, 2),
		failed: make(chan struct{}), ended: make(chan struct{}),
	}
}

// Write fails as soon as a part could not be sent.
func (u *Upload) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		if len(u.part) == cap(u.part) {
			if err := u.next(); err != nil {
				return written, err
			}
		}
		n := min(len(p), cap(u.part)-len(u.part))
		u.part = append(u.part, p[:n]...)
		u.sum.Write(p[:n])
		u.size += int64(n)
		written += n
		p = p[n:]
	}
	return written, nil
}

// next hands the full part to the sender and takes a free buffer of the next part's size.
func (u *Upload) next() error {
	if u.number == maxParts {
		return fmt.Errorf("upload %s: more than %d bytes do not fit into the %d parts S3 allows", u.to, u.size, maxParts)
	}
	if u.id == "" {
		if err := u.begin(); err != nil {
			return err
		}
	}
	if err := u.send(); err != nil {
		return err
	}
	u.number++
	size := u.partSize(u.number)
	select {
	case u.part = <-u.free:
	case <-u.failed:
		return u.err
	}
	if cap(u.part) != size {
		u.part = nil
		debug.FreeOSMemory() // twice per growth of the parts: else the smaller ones add a quarter to the peak
		u.part = make([]byte, 0, size)
	}
	return nil
}

func (u *Upload) begin() error {
	ctx, cancel := context.WithTimeout(u.ctx, callLimit)
	defer cancel()
	answer, err := u.store.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: &u.to.Bucket, Key: &u.to.Key, ContentType: optional(u.contentType),
		Metadata: map[string]string{checksumName: inCompanion},
	})
	if err != nil {
		return fmt.Errorf("begin the upload to %s: %w", u.to, err)
	}
	u.id = aws.ToString(answer.UploadId)
	u.free <- nil // the second buffer
	go u.sendAll(u.full)
	return nil
}

func (u *Upload) send() error {
	select {
	case u.full <- numbered{u.number, u.part}:
		u.part = nil
		return nil
	case <-u.failed:
		return u.err
	}
}

func (u *Upload) sendAll(full <-chan numbered) {
	defer close(u.ended)
	for part := range full {
		done, err := u.sendPart(part)
		if err != nil {
			u.err = err
			close(u.failed)
			return
		}
		u.parts = append(u.parts, done)
		u.free <- part.body[:0]
	}
}

func (u *Upload) sendPart(part numbered) (types.CompletedPart, error) {
	ctx, cancel := context.WithTimeout(u.ctx, partLimit)
	defer cancel()
	number := aws.Int32(int32(part.number))
	answer, err := u.store.client.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: &u.to.Bucket, Key: &u.to.Key, UploadId: &u.id, PartNumber: number, Body: bytes.NewReader(part.body),
	})
	if err != nil {
		return types.CompletedPart{}, fmt.Errorf("upload part %d of %s: %w", part.number, u.to, err)
	}
	return types.CompletedPart{PartNumber: number, ETag: answer.ETag, ChecksumCRC32: answer.ChecksumCRC32}, nil
}

// Commit sends what is left and makes the object. After an error there is no object; call Abort.
func (u *Upload) Commit() (Stored, error) {
	stored := Stored{Bytes: u.size, SHA256: hex.EncodeToString(u.sum.Sum(nil)), Parts: 1}
	if u.id == "" {
		err := u.put(u.to, u.part, u.contentType, map[string]string{checksumName: stored.SHA256})
		if err == nil {
			u.cancel()
		}
		return stored, err
	}
	if err := u.send(); err != nil {
		return Stored{}, err
	}
	u.join()
	if u.err != nil {
		return Stored{}, u.err
	}
	if err := u.complete(); err != nil {
		return Stored{}, err
	}
	stored.Parts = len(u.parts)
	stored.CompanionErr = u.putCompanion(stored.SHA256)
	u.cancel()
	return stored, nil
}

func (u *Upload) complete() error {
	ctx, cancel := context.WithTimeout(u.ctx, callLimit)
	defer cancel()
	_, err := u.store.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &u.to.Bucket, Key: &u.to.Key, UploadId: &u.id,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: u.parts},
	})
	if err != nil {
		return fmt.Errorf("complete the upload to %s: %w", u.to, err)
	}
	u.id = ""
	return nil
}

func (u *Upload) putCompanion(sum string) error {
	to := Location{Bucket: u.to.Bucket, Key: u.to.Key + checksumSuffix}
	return u.put(to, []byte(sum+"  "+path.Base(u.to.Key)+"\n"), "text/plain", nil)
}

func (u *Upload) put(to Location, body []byte, contentType string, metadata map[string]string) error {
	ctx, cancel := context.WithTimeout(u.ctx, callLimit)
	defer cancel()
	_, err := u.store.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &to.Bucket, Key: &to.Key, Body: bytes.NewReader(body), ContentType: optional(contentType), Metadata: metadata,
	})
	if err != nil {
		return fmt.Errorf("put %s: %w", to, err)
	}
	return nil
}

// Abort drops everything sent so far. It works when the context of the upload has ended too.
func (u *Upload) Abort() error {
	u.cancel()
	if u.id == "" {
		return nil
	}
	u.join() // a part still on its way would outlive the abort
	ctx, cancel := context.WithTimeout(context.WithoutCancel(u.ctx), callLimit)
	defer cancel()
	_, err := u.store.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{
		Bucket: &u.to.Bucket, Key: &u.to.Key, UploadId: &u.id,
	})
	var gone *types.NoSuchUpload
	if err != nil && !errors.As(err, &gone) {
		return fmt.Errorf("abort the upload to %s (its parts stay and cost until the bucket's lifecycle rule removes them): %w", u.to, err)
	}
	u.id = ""
	return nil
}

func (u *Upload) join() {
	if u.full != nil {
		close(u.full)
		u.full = nil
	}
	<-u.ended
}

// optional leaves an empty text out.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// Put streams r into the object.
func (s *Store) Put(ctx context.Context, r io.Reader, to Location, contentType string) (Stored, error) {
	upload := s.NewUpload(ctx, to, contentType)
	if _, err := io.Copy(upload, r); err != nil {
		return Stored{}, errors.Join(fmt.Errorf("put %s: %w", to, err), upload.Abort())
	}
	stored, err := upload.Commit()
	if err != nil {
		return Stored{}, errors.Join(err, upload.Abort())
	}
	return stored, stored.CompanionErr
}

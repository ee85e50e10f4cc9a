// Package pipe streams what a program writes into S3, so that only a whole result becomes an object.
package pipe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/stepdeck/stepdeck/container/objects"
)

// Exit codes for what is not the producer's own failure (sysexits.h).
const (
	ExitNotWhole = 65 // the producer ended with 0, but what it wrote is empty or lacks the trailer
	ExitUpload   = 74 // the compressor or S3 failed
)

// Pipe is one producer and where its output goes. The object exists only after a nil error of Run.
type Pipe struct {
	Producer []string
	To       objects.Location
	Compress string // a key of Compressors; "" stores the output as it is
	// Trailer is text that a whole output has in its last 4 KiB before compression; "" checks nothing.
	Trailer string
	Store   *objects.Store
	Stdin   *os.File
	Stderr  *os.File // for the producer and the compressor
}

// Compressors are the programs for the values of Pipe.Compress: stdin to stdout, exit 0 when done.
var Compressors = map[string][]string{
	"zstd": {"zstd", "-q", "-c"},
	"gzip": {"gzip", "-c"},
}

// Result describes the object made.
type Result struct {
	objects.Stored
	RawBytes int64 // before compression
	Seconds  float64
}

// Error is a failure with the exit code that a script should see.
type Error struct {
	Code int
	err  error
}

func (e *Error) Error() string { return e.err.Error() }
func (e *Error) Unwrap() error { return e.err }

func failure(code int, format string, args ...any) *Error {
	return &Error{Code: code, err: fmt.Errorf(format, args...)}
}

// Run runs the producer to its end and makes the object if every process ended with 0 and the output
// is whole. Otherwise there is no object and no unfinished upload, and the error is an *Error.
// When ctx ends, the producer's process group is asked to end and everything is taken back.
func (p Pipe) Run(ctx context.Context) (Result, error) {
	started := time.Now()
	upload := p.Store.NewUpload(ctx, p.To, "")
	raw, err := p.stream(ctx, upload)
	if err != nil {
		return Result{}, takeBack(upload, err)
	}
	stored, err := upload.Commit()
	if err != nil {
		return Result{}, takeBack(upload, failure(ExitUpload, "%w", err))
	}
	return Result{Stored: stored, RawBytes: raw, Seconds: time.Since(started).Seconds()}, nil
}

func takeBack(upload *objects.Upload, err error) error {
	aborted := upload.Abort()
	var coded *Error
	if aborted == nil || !errors.As(err, &coded) {
		return err
	}
	return &Error{Code: coded.Code, err: errors.Join(err, aborted)}
}

// stream moves the producer's output through the compressor to the upload, and returns its raw size.
// What fails first is the cause that ends all the rest; what ends because of it is not blamed.
func (p Pipe) stream(ctx context.Context, to io.Writer) (int64, error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var stages sync.WaitGroup
	seen := &ending{trailer: p.Trailer}

	producer, output, err := start(ctx, p.Producer, p.Stdin, p.Stderr)
	if err != nil {
		return 0, err
	}
	defer output.Close() // only read
	stages.Go(func() {
		if err := producer.wait(ctx); err != nil {
			fail(err)
		}
	})
	source := io.TeeReader(output, seen)
	if command, wanted := Compressors[p.Compress]; wanted {
		compressed, err := compress(ctx, fail, &stages, command, source, p.Stderr)
		if err != nil {
			fail(err) // no more than a consequence if the producer has failed by now
			stages.Wait()
			return 0, context.Cause(ctx)
		}
		defer compressed.Close() // only read
		source = compressed
	}
	if _, err := io.Copy(to, source); err != nil {
		fail(failure(ExitUpload, "%w", err))
	}
	stages.Wait()
	if err := context.Cause(ctx); err != nil {
		return 0, err
	}
	return seen.size, seen.check(p.Producer[0])
}

// compress starts the compressor as a stage between the source and what it returns.
func compress(
	ctx context.Context, fail context.CancelCauseFunc, stages *sync.WaitGroup, command []string, source io.Reader, stderr *os.File,
) (*os.File, error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, failure(ExitUpload, "make a pipe: %w", err)
	}
	compressor, compressed, err := start(ctx, command, reader, stderr)
	_ = reader.Close() // the compressor holds its own
	if err != nil {
		_ = writer.Close()
		return nil, failure(ExitUpload, "%w", err)
	}
	stages.Go(func() {
		_, fed := io.Copy(writer, source)
		fed = errors.Join(fed, writer.Close())
		ended := compressor.wait(ctx) // before the feed: its end is why the feed broke
		if err := cmp.Or(ended, fed); err != nil {
			fail(failure(ExitUpload, "compress: %w", err))
		}
	})
	return compressed, nil
}

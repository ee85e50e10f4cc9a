package objects

import (
	"crypto/md5" //nolint:gosec // S3 makes ETags of it
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/johannesboyne/gofakes3"
)

// fileName is the pattern of the files' names.
const fileName = "blob-*"

// blob is bytes in a file.
type blob struct {
	File string `json:"file"`
	Size int64  `json:"size"`
	// ETag is without quotes.
	ETag string `json:"etag"`
}

// write keeps the bytes of a reader in a new file.
func (b *backend) write(input io.Reader, size int64) (blob, error) {
	file, err := os.CreateTemp(b.dir, fileName)
	if err != nil {
		return blob{}, fmt.Errorf("keep an object: %w", err)
	}
	sum := md5.New() //nolint:gosec // S3 makes ETags of it
	n, err := io.Copy(io.MultiWriter(file, sum), input)
	if err == nil && n != size {
		err = gofakes3.ErrIncompleteBody
	}
	if err = errors.Join(err, file.Close()); err != nil {
		_ = os.Remove(file.Name())
		return blob{}, plain(err)
	}
	return blob{File: filepath.Base(file.Name()), Size: n, ETag: hex.EncodeToString(sum.Sum(nil))}, nil
}

// plain is the error of gofakes3 inside err, which it does not look for itself.
func plain(err error) error {
	var said gofakes3.Error
	if errors.As(err, &said) {
		return said
	}
	return err
}

// join keeps the bytes of several files in a new one.
func (b *backend) join(parts []part) (string, error) {
	file, err := os.CreateTemp(b.dir, fileName)
	if err != nil {
		return "", fmt.Errorf("join parts: %w", err)
	}
	for _, p := range parts {
		if err := b.appendTo(file, p.File); err != nil {
			_ = file.Close()
			_ = os.Remove(file.Name())
			return "", fmt.Errorf("join parts: %w", err)
		}
	}
	return filepath.Base(file.Name()), file.Close()
}

func (b *backend) appendTo(file *os.File, name string) error {
	from, err := os.Open(filepath.Join(b.dir, name))
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	_, err = io.Copy(file, from)
	return err
}

// open reads a range of a file; the whole when it is nil.
func (b *backend) open(from blob, span *gofakes3.ObjectRange) (io.ReadCloser, error) {
	file, err := os.Open(filepath.Join(b.dir, from.File))
	if err != nil {
		return nil, fmt.Errorf("read an object: %w", err)
	}
	if span == nil {
		return file, nil
	}
	if _, err := file.Seek(span.Start, io.SeekStart); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("read an object: %w", err)
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(file, span.Length), file}, nil
}

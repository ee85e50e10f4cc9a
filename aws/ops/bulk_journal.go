package ops

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// bulkSuffix ends the names of journals: JSON lines, of which the first is the
// header, then come the items, then what happened to them.
const bulkSuffix = ".bulk.jsonl"

type bulkHeader struct {
	ID      string      `json:"id"`
	Time    time.Time   `json:"time"`
	Who     string      `json:"who"`
	Request BulkRequest `json:"request"`
	Items   int         `json:"items"`
}

type bulkRecord struct {
	Item int       `json:"item"`
	Time time.Time `json:"time"`
	BulkOutcome
}

// bulkJournal is the file that makes a bulk action resumable. It is locked
// against other processes while open, and safe for concurrent use.
type bulkJournal struct {
	header  bulkHeader
	items   []BulkItem
	records []bulkRecord // those read when it was opened

	file    *os.File
	mu      sync.Mutex
	written int
	syncMu  sync.Mutex
	synced  int
}

// journalFailure is an error of the journal, without which nothing is done.
type journalFailure struct{ err error }

func (e *journalFailure) Error() string { return "journal of the bulk action: " + e.err.Error() }
func (e *journalFailure) Unwrap() error { return e.err }

func isJournal(err error) bool {
	var f *journalFailure
	return errors.As(err, &f)
}

// createBulkJournal writes the whole plan before the journal has its name, so
// that one which was cut off is never taken for one.
func createBulkJournal(folder string, h bulkHeader, items []BulkItem) (*bulkJournal, error) {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	err := enc.Encode(h)
	for _, item := range items {
		err = errors.Join(err, enc.Encode(item))
	}
	if err == nil {
		err = os.MkdirAll(folder, 0o700)
	}
	path := filepath.Join(folder, h.ID+bulkSuffix)
	if err == nil {
		err = writeSynced(path+".new", text.Bytes())
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return nil, &journalFailure{err}
	}
	return openBulkJournal(path)
}

func writeSynced(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

func openBulkJournal(path string) (*bulkJournal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil, &Problem{Kind: NotFound, Title: safe.Linef("no bulk action %s is left to resume", strings.TrimSuffix(filepath.Base(path), bulkSuffix)), Hint: safe.Line("it has ended, or was discarded")}
	}
	if err != nil {
		return nil, &journalFailure{err}
	}
	j := &bulkJournal{file: f}
	if err := j.load(); err != nil {
		_ = f.Close() // the error that matters is the other
		return nil, err
	}
	return j, nil
}

func (j *bulkJournal) load() error {
	if err := syscall.Flock(int(j.file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return &Problem{Kind: Conflict, Title: safe.Line("another stepdeck works on this bulk action"), Hint: safe.Line("wait for it, or interrupt it first"), Err: err}
	}
	text, err := io.ReadAll(j.file)
	if err != nil {
		return &journalFailure{err}
	}
	whole := text[:bytes.LastIndexByte(text, '\n')+1]
	if len(whole) < len(text) { // a line that was cut off says nothing
		if err := j.file.Truncate(int64(len(whole))); err != nil {
			return &journalFailure{err}
		}
	}
	if err := j.parse(whole); err != nil {
		return &Problem{
			Kind: Failed, Title: safe.Linef("the journal %s cannot be read", j.file.Name()), Detail: safe.Line(err.Error()),
			Hint: safe.Line("it was changed by something else; look at what it says, then delete it"), Err: err,
		}
	}
	return nil
}

func (j *bulkJournal) parse(text []byte) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	if err := dec.Decode(&j.header); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	for i := range j.header.Items {
		var item BulkItem
		if err := dec.Decode(&item); err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
		j.items = append(j.items, item)
	}
	for {
		var r bulkRecord
		switch err := dec.Decode(&r); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("record %d: %w", len(j.records), err)
		case r.Item < 0 || r.Item >= len(j.items):
			return fmt.Errorf("record %d is of item %d, and there are %d", len(j.records), r.Item, len(j.items))
		}
		j.records = append(j.records, r)
	}
}

// append returns when the record is on the disk. Records of several callers
// share one sync.
func (j *bulkJournal) append(r bulkRecord) error {
	line, err := json.Marshal(r)
	if err != nil {
		return &journalFailure{err}
	}
	j.mu.Lock()
	_, err = j.file.Write(append(line, '\n'))
	j.written++
	mine := j.written
	j.mu.Unlock()
	if err != nil {
		return &journalFailure{err}
	}
	j.syncMu.Lock()
	defer j.syncMu.Unlock()
	if j.synced >= mine {
		return nil
	}
	j.mu.Lock()
	all := j.written
	j.mu.Unlock()
	if err := j.file.Sync(); err != nil {
		return &journalFailure{err}
	}
	j.synced = all
	return nil
}

func (j *bulkJournal) remove() error { return os.Remove(j.file.Name()) }
func (j *bulkJournal) close() error  { return j.file.Close() }

// BulkLeft is a bulk action with something left to do.
type BulkLeft struct {
	ID      string
	Time    time.Time
	Who     string
	Request BulkRequest
	Items   int
}

// BulksLeft lists the bulk actions of a folder that have not ended, newest first.
func BulksLeft(folder string) ([]BulkLeft, error) {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, &journalFailure{err}
	}
	var left []BulkLeft
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), bulkSuffix) {
			continue
		}
		h, err := readBulkHeader(filepath.Join(folder, e.Name()))
		if errors.Is(err, os.ErrNotExist) {
			continue // it has just ended
		}
		if err != nil {
			return nil, &journalFailure{fmt.Errorf("%s: %w", e.Name(), err)}
		}
		left = append(left, BulkLeft(h))
	}
	slices.SortFunc(left, func(a, b BulkLeft) int { return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.ID, b.ID)) })
	return left, nil
}

func readBulkHeader(path string) (bulkHeader, error) {
	var h bulkHeader
	f, err := os.Open(path)
	if err != nil {
		return h, err
	}
	defer func() { _ = f.Close() }()
	return h, json.NewDecoder(f).Decode(&h)
}

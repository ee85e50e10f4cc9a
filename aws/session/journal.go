package session

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Entry is one line of the audit journal: a change that this program asked AWS for.
type Entry struct {
	Time time.Time `json:"time"`
	// Who is the caller's ARN, or the local user where AWS would not say.
	Who      string `json:"who"`
	Profile  string `json:"profile,omitempty"`
	Region   string `json:"region"`
	Endpoint string `json:"endpoint,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Service  string `json:"service"`
	// Operation is AWS's API name.
	Operation string `json:"operation"`
	// Target is the ARN or name that was changed. A task token is a secret: of it only a fingerprint is kept.
	Target    string `json:"target"`
	RequestID string `json:"requestId,omitempty"`
	// Result is "ok", or the error as the SDK tells it.
	Result string `json:"result"`
}

// Journal is the audit journal: JSON lines in a file that is only ever appended to.
// It is safe for concurrent use, also by several processes.
type Journal struct {
	path string
	mu   sync.Mutex
}

// OpenJournal returns the journal kept at path. The file is made with the first entry.
func OpenJournal(path string) *Journal { return &Journal{path: path} }

// Path is where the journal is kept.
func (j *Journal) Path() string { return j.path }

// open makes the file ready before a change is sent: a change that cannot be recorded is not made.
func (j *Journal) open() (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(j.path), 0o700); err != nil {
		return nil, fmt.Errorf("audit journal: %w", err)
	}
	f, err := os.OpenFile(j.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("audit journal: %w", err)
	}
	return f, nil
}

func (j *Journal) write(f *os.File, e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("audit journal: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := f.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("audit journal: %w", err)
	}
	return nil
}

// Last returns up to n entries, the newest last. A journal that was never written is empty; a line
// that a crash or a full disk cut short is an entry that says so.
func (j *Journal) Last(n int) ([]Entry, error) {
	f, err := os.Open(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("audit journal: %w", err)
	}
	defer func() { _ = f.Close() }()
	var entries []Entry
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e Entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			e = Entry{Result: "this line of the journal is damaged"}
		}
		entries = append(entries, e)
		if len(entries) > 2*n {
			entries = append(entries[:0], entries[len(entries)-n:]...)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("audit journal %s: %w", j.path, err)
	}
	return entries[max(0, len(entries)-n):], nil
}

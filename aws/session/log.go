package session

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

// logLimit is the size in bytes at which the program's own log starts afresh; one old file is kept.
const logLimit = 5 << 20

// OpenLog returns a logger that writes to a file, never to the terminal. The caller closes it.
func OpenLog(path string, level slog.Leveler) (*slog.Logger, io.Closer, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, nil, fmt.Errorf("log file: %w", err)
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.Size() > logLimit:
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, nil, fmt.Errorf("log file: %w", err)
		}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, nil, fmt.Errorf("log file: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("log file: %w", err)
	}
	return slog.New(slog.NewTextHandler(f, &slog.HandlerOptions{Level: level})), f, nil
}

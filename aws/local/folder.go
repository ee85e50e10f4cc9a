package local

import (
	"errors"
	"fmt"
	"os"

	"github.com/stepdeck/stepdeck/aws/local/store"
)

// Reset removes the state kept in dir. It fails while local AWS runs there,
// and with an OptionError where the folder is not one of local AWS.
func Reset(dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err := own(dir); err != nil {
		return err
	}
	held, err := store.Open(dir)
	if err != nil {
		return err
	}
	if err := held.Close(); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// own refuses a folder that holds something, but no state: local AWS replaces
// and removes what is in its folder.
func own(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the state folder: %w", err)
	}
	if !store.In(dir) {
		return badOption("the folder %s holds other things than the state of local AWS: choose an empty one", dir)
	}
	return nil
}

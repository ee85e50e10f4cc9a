// Package store keeps the records of local AWS in one file, so that a restart
// finds them again.
package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// fileName is the database's name inside the folder given to Open.
const fileName = "state.db"

// lockWait is how long Open waits for another process to let go of the file.
const lockWait = 500 * time.Millisecond

// ErrInUse is returned by Open when another process has the folder open.
var ErrInUse = errors.New("the state folder is in use by another local AWS")

// Store holds JSON records under a bucket and a key. Services keep what they
// work with in memory and write through. Writes reach the operating system at
// once but are not forced to the disk: they survive the end of the process,
// not that of the machine.
type Store struct {
	db *bbolt.DB
}

// Open opens the store in dir, which is made when it is not there. The caller
// closes it.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the state folder: %w", err)
	}
	path := filepath.Join(dir, fileName)
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait, NoSync: true, NoFreelistSync: true})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("open %s: %w", path, ErrInUse)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return &Store{db: db}, nil
}

// In tells whether dir holds a store.
func In(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, fileName))
	return err == nil && info.Mode().IsRegular()
}

// Close flushes to the disk and closes the file.
func (s *Store) Close() error {
	return errors.Join(s.db.Sync(), s.db.Close())
}

// Put writes one record. Keys sort as bytes in Each.
func (s *Store) Put(bucket, key string, value any) error {
	return s.PutAll(bucket, []Record{{Key: key, Value: value}})
}

// Record is one value for PutAll.
type Record struct {
	Key   string
	Value any
}

// PutAll writes many records of one bucket in one step: all or none.
func (s *Store) PutAll(bucket string, records []Record) error {
	texts := make([][]byte, len(records))
	for i, r := range records {
		text, err := json.Marshal(r.Value)
		if err != nil {
			return fmt.Errorf("store %s/%s: %w", bucket, r.Key, err)
		}
		texts[i] = text
	}
	return s.db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte(bucket))
		if err != nil {
			return fmt.Errorf("store bucket %s: %w", bucket, err)
		}
		for i, r := range records {
			if err := b.Put([]byte(r.Key), texts[i]); err != nil {
				return fmt.Errorf("store %s/%s: %w", bucket, r.Key, err)
			}
		}
		return nil
	})
}

// Get reads one record into a pointer. It tells whether there is one.
func (s *Store) Get(bucket, key string, into any) (found bool, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bucket))
		if b == nil {
			return nil
		}
		text := b.Get([]byte(key))
		if found = text != nil; !found {
			return nil
		}
		if err := json.Unmarshal(text, into); err != nil {
			return fmt.Errorf("read %s/%s: %w", bucket, key, err)
		}
		return nil
	})
	return found, err
}

// Delete removes a record; one that is not there is no error.
func (s *Store) Delete(bucket, key string) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bucket))
		if b == nil {
			return nil
		}
		return b.Delete([]byte(key))
	})
}

// DeletePrefix removes every record whose key begins with prefix.
func (s *Store) DeletePrefix(bucket, prefix string) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bucket))
		if b == nil {
			return nil
		}
		var keys [][]byte
		c := b.Cursor()
		for k, _ := c.Seek([]byte(prefix)); k != nil && bytes.HasPrefix(k, []byte(prefix)); k, _ = c.Next() {
			keys = append(keys, bytes.Clone(k))
		}
		for _, k := range keys {
			if err := b.Delete(k); err != nil {
				return err
			}
		}
		return nil
	})
}

// ErrEnough is what the function given to Each or Back returns to see no more records.
var ErrEnough = errors.New("enough")

// Each calls f with every record whose key begins with prefix, in order of the
// keys. text is valid only during the call.
func (s *Store) Each(bucket, prefix string, f func(key string, text []byte) error) error {
	return s.read(bucket, prefix, f, func(c *bbolt.Cursor) ([]byte, []byte) { return c.Seek([]byte(prefix)) }, (*bbolt.Cursor).Next)
}

// Back calls f with the records whose key begins with prefix and comes before
// another key, the last one first. text is valid only during the call.
func (s *Store) Back(bucket, prefix, before string, f func(key string, text []byte) error) error {
	return s.read(bucket, prefix, f, func(c *bbolt.Cursor) ([]byte, []byte) {
		if k, _ := c.Seek([]byte(before)); k == nil {
			return c.Last()
		}
		return c.Prev()
	}, (*bbolt.Cursor).Prev)
}

func (s *Store) read(bucket, prefix string, f func(key string, text []byte) error, first, next func(*bbolt.Cursor) (key, text []byte)) error {
	return s.db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bucket))
		if b == nil {
			return nil
		}
		c := b.Cursor()
		for k, v := first(c); k != nil && bytes.HasPrefix(k, []byte(prefix)); k, v = next(c) {
			switch err := f(string(k), v); {
			case errors.Is(err, ErrEnough):
				return nil
			case err != nil:
				return fmt.Errorf("read %s/%s: %w", bucket, k, err)
			}
		}
		return nil
	})
}

// Load is Each with the records read as JSON.
func Load[T any](s *Store, bucket, prefix string, take func(key string, value *T) error) error {
	return s.Each(bucket, prefix, func(key string, text []byte) error {
		value := new(T)
		if err := json.Unmarshal(text, value); err != nil {
			return err
		}
		return take(key, value)
	})
}

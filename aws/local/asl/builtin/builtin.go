// Package builtin holds the functions that JSONPath intrinsics (States.*) and
// Step Functions' additions to JSONata have in common.
package builtin

import (
	"crypto/md5"  //nolint:gosec // AWS: States.Hash offers it; nothing here relies on it
	"crypto/sha1" //nolint:gosec // AWS: States.Hash offers it; nothing here relies on it
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"math"
)

// MaxRangeItems is how many items a range may have (AWS: States.ArrayRange).
const MaxRangeItems = 1000

// Hash returns the lower-case hexadecimal digest of text. algorithm is MD5,
// SHA-1, SHA-256, SHA-384 or SHA-512.
func Hash(text, algorithm string) (string, error) {
	data := []byte(text)
	switch algorithm {
	case "MD5":
		sum := md5.Sum(data) //nolint:gosec // see the import
		return hex.EncodeToString(sum[:]), nil
	case "SHA-1":
		sum := sha1.Sum(data) //nolint:gosec // see the import
		return hex.EncodeToString(sum[:]), nil
	case "SHA-256":
		sum := sha256.Sum256(data)
		return hex.EncodeToString(sum[:]), nil
	case "SHA-384":
		sum := sha512.Sum384(data)
		return hex.EncodeToString(sum[:]), nil
	case "SHA-512":
		sum := sha512.Sum512(data)
		return hex.EncodeToString(sum[:]), nil
	}
	return "", fmt.Errorf("the hash algorithm must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512, but was %q", algorithm)
}

// Partition cuts list into parts of size items; the last one may be shorter.
func Partition(list []any, size float64) ([]any, error) {
	if size < 1 || size != math.Trunc(size) {
		return nil, fmt.Errorf("the chunk size must be a positive integer, but was %v", size)
	}
	parts := []any{}
	for len(list) > 0 {
		n := int(min(size, float64(len(list))))
		parts = append(parts, list[:n:n])
		list = list[n:]
	}
	return parts, nil
}

// Range returns the numbers from first to last, both included, step apart; at
// most MaxRangeItems of them.
func Range(first, last, step float64) ([]float64, error) {
	if step == 0 {
		return nil, fmt.Errorf("the step must not be 0")
	}
	count := math.Floor((last-first)/step) + 1
	if count > MaxRangeItems {
		return nil, fmt.Errorf("the range has more than %d items", MaxRangeItems)
	}
	list := []float64{}
	for i := 0.0; i < count; i++ {
		list = append(list, first+i*step)
	}
	return list, nil
}

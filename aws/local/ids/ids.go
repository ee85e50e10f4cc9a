// Package ids makes the identifiers that AWS gives to what it makes.
package ids

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
)

// UUID is a random UUID, of version 4.
func UUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Hex is a number of so many digits of base 16, which many ids end in.
func Hex(digits int) string {
	b := make([]byte, (digits+1)/2)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)[:digits]
}

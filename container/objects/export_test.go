package objects

import "context"

// PartSize is the size of part n (from 1) in bytes.
var PartSize = partSize

// NewUploadOf is Store.NewUpload with other sizes of its parts.
func NewUploadOf(ctx context.Context, s *Store, to Location, size func(n int) int) *Upload {
	return s.newUpload(ctx, to, "", size)
}

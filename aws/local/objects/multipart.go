package objects

import (
	"cmp"
	"crypto/md5" //nolint:gosec // S3 makes ETags of it
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/johannesboyne/gofakes3"
)

// smallestPart is the least that a part other than the last may have, in bytes.
const smallestPart = 5 << 20

// upload is a multipart upload that is neither completed nor aborted.
type upload struct {
	ID        string            `json:"id"`
	Bucket    string            `json:"bucket"`
	Key       string            `json:"key"`
	Meta      map[string]string `json:"meta,omitempty"`
	Initiated time.Time         `json:"initiated"`
	// Parts are in order of their numbers.
	Parts []part `json:"parts,omitempty"`
}

type part struct {
	blob
	Number   int       `json:"number"`
	Modified time.Time `json:"modified"`
}

// CreateMultipartUpload begins an upload. Ids sort by the time they were made.
func (b *backend) CreateMultipartUpload(bucketName, key string, meta map[string]string) (gofakes3.UploadID, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now().UTC()
	u := &upload{ID: fmt.Sprintf("%016x%s", now.UnixNano(), rand.Text()), Bucket: bucketName, Key: key, Meta: keptMeta(meta), Initiated: now}
	if err := b.index.Put(uploadIndex, u.ID, u); err != nil {
		return "", err
	}
	b.uploads[u.ID] = u
	return gofakes3.UploadID(u.ID), nil
}

// upload needs the lock.
func (b *backend) upload(bucketName, key string, id gofakes3.UploadID) (*upload, error) {
	u := b.uploads[string(id)]
	if u == nil || u.Bucket != bucketName || u.Key != key {
		return nil, gofakes3.ErrNoSuchUpload
	}
	return u, nil
}

// UploadPart keeps a part in the place of that of its number.
func (b *backend) UploadPart(bucketName, key string, id gofakes3.UploadID, number int, size int64, input io.Reader) (string, error) {
	written, err := b.write(input, size)
	if err != nil {
		return "", err
	}
	p := part{blob: written, Number: number, Modified: b.clock.Now().UTC()}
	if err := b.keepPart(bucketName, key, id, p); err != nil {
		_ = b.remove(written.File)
		return "", err
	}
	return `"` + p.ETag + `"`, nil
}

func (b *backend) keepPart(bucketName, key string, id gofakes3.UploadID, p part) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	u, err := b.upload(bucketName, key, id)
	if err != nil {
		return err
	}
	changed := *u
	before := ""
	at, found := slices.BinarySearchFunc(u.Parts, p.Number, func(p part, number int) int { return cmp.Compare(p.Number, number) })
	changed.Parts = slices.Clone(u.Parts)
	if found {
		before, changed.Parts[at] = u.Parts[at].File, p
	} else {
		changed.Parts = slices.Insert(changed.Parts, at, p)
	}
	if err := b.index.Put(uploadIndex, u.ID, changed); err != nil {
		return err
	}
	b.uploads[u.ID] = &changed
	if before != "" {
		return b.remove(before)
	}
	return nil
}

// ListMultipartUploads gives a page of the uploads under way, by key and then
// by age.
func (b *backend) ListMultipartUploads(bucketName string, marker *gofakes3.UploadListMarker, prefix gofakes3.Prefix, limit int64) (*gofakes3.ListMultipartUploadsResult, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	out := &gofakes3.ListMultipartUploadsResult{Bucket: bucketName, Prefix: prefix.Prefix, Delimiter: prefix.Delimiter, MaxUploads: limit}
	if marker != nil {
		out.KeyMarker, out.UploadIDMarker = marker.Object, marker.UploadID
	}
	var found []*upload
	for _, u := range b.uploads {
		if u.Bucket == bucketName && strings.HasPrefix(u.Key, prefix.Prefix) && u.behind(marker) {
			found = append(found, u)
		}
	}
	slices.SortFunc(found, func(a, b *upload) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.ID, b.ID)) })
	lastPrefix := ""
	for i, u := range found {
		common := commonPrefix(u.Key, &prefix)
		if common != "" && common == lastPrefix {
			continue
		}
		if int64(len(out.Uploads)+len(out.CommonPrefixes)) == limit {
			out.IsTruncated = true
			out.NextKeyMarker, out.NextUploadIDMarker = found[i-1].Key, gofakes3.UploadID(found[i-1].ID)
			break
		}
		if common != "" {
			lastPrefix = common
			out.CommonPrefixes = append(out.CommonPrefixes, gofakes3.CommonPrefix{Prefix: common})
			continue
		}
		out.Uploads = append(out.Uploads, gofakes3.ListMultipartUploadItem{
			Key: u.Key, UploadID: gofakes3.UploadID(u.ID), Initiated: gofakes3.NewContentTime(u.Initiated), StorageClass: gofakes3.StorageStandard,
		})
	}
	return out, nil
}

func (u *upload) behind(marker *gofakes3.UploadListMarker) bool {
	if marker == nil {
		return true
	}
	return u.Key > marker.Object || u.Key == marker.Object && marker.UploadID != "" && u.ID > string(marker.UploadID)
}

// ListParts gives a page of an upload's parts behind a number.
func (b *backend) ListParts(bucketName, key string, id gofakes3.UploadID, marker int, limit int64) (*gofakes3.ListMultipartUploadPartsResult, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	u, err := b.upload(bucketName, key, id)
	if err != nil {
		return nil, err
	}
	out := &gofakes3.ListMultipartUploadPartsResult{
		Bucket: bucketName, Key: key, UploadID: id, PartNumberMarker: marker, MaxParts: limit, StorageClass: gofakes3.StorageStandard,
	}
	for _, p := range u.Parts {
		if p.Number <= marker {
			continue
		}
		if int64(len(out.Parts)) == limit {
			out.IsTruncated = true
			break
		}
		out.NextPartNumberMarker = p.Number
		out.Parts = append(out.Parts, gofakes3.ListMultipartUploadPartItem{
			PartNumber: p.Number, LastModified: gofakes3.NewContentTime(p.Modified), ETag: `"` + p.ETag + `"`, Size: p.Size,
		})
	}
	return out, nil
}

// AbortMultipartUpload forgets an upload and its parts.
func (b *backend) AbortMultipartUpload(bucketName, key string, id gofakes3.UploadID) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	u, err := b.upload(bucketName, key, id)
	if err != nil {
		return err
	}
	return b.dropUpload(u)
}

func (b *backend) dropUpload(u *upload) error {
	if err := b.index.Delete(uploadIndex, u.ID); err != nil {
		return err
	}
	delete(b.uploads, u.ID)
	for _, p := range u.Parts {
		if err := b.remove(p.File); err != nil {
			return err
		}
	}
	return nil
}

// CompleteMultipartUpload makes an object of the parts named. The upload is
// taken out first, so that of two completions one finds none.
func (b *backend) CompleteMultipartUpload(bucketName, key string, id gofakes3.UploadID, input *gofakes3.CompleteMultipartUploadRequest) (gofakes3.VersionID, string, error) {
	b.mu.Lock()
	u, err := b.upload(bucketName, key, id)
	if err != nil {
		b.mu.Unlock()
		return "", "", err
	}
	parts, err := u.choose(input)
	if err != nil {
		b.mu.Unlock()
		return "", "", err
	}
	delete(b.uploads, u.ID)
	b.mu.Unlock()

	o, err := b.assemble(u, parts)
	b.mu.Lock()
	if err != nil {
		b.uploads[u.ID] = u
		b.mu.Unlock()
		return "", "", err
	}
	err = b.dropUpload(u)
	b.mu.Unlock()
	return "", `"` + o.ETag + `"`, err
}

func (b *backend) assemble(u *upload, parts []part) (*object, error) {
	o := &object{Bucket: u.Bucket, Key: u.Key, Meta: u.Meta}
	sum := md5.New() //nolint:gosec // S3 makes ETags of it
	for _, p := range parts {
		raw, err := hex.DecodeString(p.ETag)
		if err != nil {
			return nil, fmt.Errorf("read the ETag of a part: %w", err)
		}
		sum.Write(raw)
		o.Size += p.Size
	}
	o.ETag = fmt.Sprintf("%x-%d", sum.Sum(nil), len(parts))
	var err error
	if o.File, err = b.join(parts); err != nil {
		return nil, err
	}
	if err := b.keep(o, nil); err != nil {
		_ = b.remove(o.File)
		return nil, err
	}
	return o, nil
}

// choose gives the parts that a completion names.
func (u *upload) choose(input *gofakes3.CompleteMultipartUploadRequest) ([]part, error) {
	if len(input.Parts) == 0 {
		return nil, gofakes3.ErrorMessage(gofakes3.ErrMalformedXML, "You must specify at least one part")
	}
	for i := 1; i < len(input.Parts); i++ {
		if input.Parts[i].PartNumber <= input.Parts[i-1].PartNumber {
			return nil, gofakes3.ErrInvalidPartOrder
		}
	}
	var chosen []part
	for i, named := range input.Parts {
		at, found := slices.BinarySearchFunc(u.Parts, named.PartNumber, func(p part, number int) int { return cmp.Compare(p.Number, number) })
		if !found || strings.Trim(named.ETag, `"`) != u.Parts[at].ETag {
			return nil, gofakes3.ErrorMessagef(gofakes3.ErrInvalidPart, "part %d was not uploaded or its ETag is another one", named.PartNumber)
		}
		if i < len(input.Parts)-1 && u.Parts[at].Size < smallestPart {
			return nil, gofakes3.ErrorMessage(gofakes3.ErrInvalidPart, "Your proposed upload is smaller than the minimum allowed size")
		}
		chosen = append(chosen, u.Parts[at])
	}
	return chosen, nil
}

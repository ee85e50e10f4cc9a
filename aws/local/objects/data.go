package objects

import (
	"encoding/hex"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/johannesboyne/gofakes3"
)

func (b *backend) find(bucketName, key string) (*object, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	in := b.buckets[bucketName]
	if in == nil {
		return nil, gofakes3.BucketNotFound(bucketName)
	}
	found := in.objects[key]
	if found == nil {
		return nil, gofakes3.KeyNotFound(key)
	}
	return found, nil
}

// describe is the object without its bytes.
func (o *object) describe() *gofakes3.Object {
	meta := maps.Clone(o.Meta)
	if meta == nil {
		meta = map[string]string{}
	}
	meta["Last-Modified"] = o.Modified.UTC().Format(http.TimeFormat)
	meta[etagHeader] = o.ETag
	sum, _, _ := strings.Cut(o.ETag, "-")
	raw, err := hex.DecodeString(sum)
	if err != nil {
		raw = nil
	}
	return &gofakes3.Object{Name: o.Key, Metadata: meta, Size: o.Size, Hash: raw, Contents: http.NoBody}
}

// HeadObject describes an object.
func (b *backend) HeadObject(bucketName, key string) (*gofakes3.Object, error) {
	found, err := b.find(bucketName, key)
	if err != nil {
		return nil, err
	}
	return found.describe(), nil
}

// GetObject opens an object; the caller closes its contents.
func (b *backend) GetObject(bucketName, key string, asked *gofakes3.ObjectRangeRequest) (*gofakes3.Object, error) {
	found, err := b.find(bucketName, key)
	if err != nil {
		return nil, err
	}
	out := found.describe()
	if out.Range, err = asked.Range(found.Size); err != nil {
		return nil, err
	}
	if out.Contents, err = b.open(found.blob, out.Range); err != nil {
		return nil, err
	}
	return out, nil
}

// PutObject keeps an object when its bytes are all there.
func (b *backend) PutObject(bucketName, key string, meta map[string]string, input io.Reader, size int64, conditions *gofakes3.PutConditions) (gofakes3.PutObjectResult, error) {
	written, err := b.write(input, size)
	if err != nil {
		return gofakes3.PutObjectResult{}, err
	}
	o := &object{Bucket: bucketName, Key: key, blob: written, Meta: keptMeta(meta)}
	if err := b.keep(o, conditions); err != nil {
		_ = b.remove(written.File)
		return gofakes3.PutObjectResult{}, err
	}
	return gofakes3.PutObjectResult{}, nil
}

// keep puts an object, whose bytes are written, in the place of that before it.
func (b *backend) keep(o *object, conditions *gofakes3.PutConditions) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	in := b.buckets[o.Bucket]
	if in == nil {
		return gofakes3.BucketNotFound(o.Bucket)
	}
	before := in.objects[o.Key]
	if conditions != nil {
		info := &gofakes3.ConditionalObjectInfo{Exists: before != nil}
		if before != nil {
			info.Hash = before.describe().Hash
		}
		if err := gofakes3.CheckPutConditions(conditions, info); err != nil {
			return err
		}
	}
	o.Modified = b.clock.Now().UTC()
	if err := b.index.Put(objectIndex, objectKey(o.Bucket, o.Key), o); err != nil {
		return err
	}
	in.set(o)
	if before != nil {
		return b.remove(before.File)
	}
	return nil
}

// DeleteObject removes an object; one that is not there is no error.
func (b *backend) DeleteObject(bucketName, key string) (gofakes3.ObjectDeleteResult, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return gofakes3.ObjectDeleteResult{}, b.drop(bucketName, key)
}

func (b *backend) drop(bucketName, key string) error {
	in := b.buckets[bucketName]
	if in == nil {
		return gofakes3.BucketNotFound(bucketName)
	}
	found := in.objects[key]
	if found == nil {
		return nil
	}
	if err := b.index.Delete(objectIndex, objectKey(bucketName, key)); err != nil {
		return err
	}
	in.unset(key)
	return b.remove(found.File)
}

// DeleteMulti removes several objects.
func (b *backend) DeleteMulti(bucketName string, keys ...string) (gofakes3.MultiDeleteResult, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var result gofakes3.MultiDeleteResult
	for _, key := range keys {
		if err := b.drop(bucketName, key); err != nil {
			result.Error = append(result.Error, gofakes3.ErrorResultFromError(err))
			continue
		}
		result.Deleted = append(result.Deleted, gofakes3.ObjectID{Key: key})
	}
	return result, nil
}

// CopyObject copies the bytes; the metadata is the source's or that given,
// as the request's replaceHeader tells.
func (b *backend) CopyObject(srcBucket, srcKey, dstBucket, dstKey string, meta map[string]string) (gofakes3.CopyObjectResult, error) {
	var result gofakes3.CopyObjectResult
	source, err := b.find(srcBucket, srcKey)
	if err != nil {
		return result, err
	}
	own, replaces := meta[replaceHeader]
	kept := keptMeta(meta)
	if replaces {
		names := strings.Split(own, ",")
		maps.DeleteFunc(kept, func(name, _ string) bool { return !slices.Contains(names, name) })
	}
	contents, err := b.open(source.blob, nil)
	if err != nil {
		return result, err
	}
	defer func() { _ = contents.Close() }()
	written, err := b.write(contents, source.Size)
	if err != nil {
		return result, err
	}
	o := &object{Bucket: dstBucket, Key: dstKey, blob: written, Meta: kept}
	if err := b.keep(o, nil); err != nil {
		_ = b.remove(written.File)
		return result, err
	}
	result.ETag, result.LastModified = `"`+written.ETag+`"`, gofakes3.NewContentTime(o.Modified)
	return result, nil
}

// keptMeta is what of a request's headers belongs to the object.
func keptMeta(meta map[string]string) map[string]string {
	kept := maps.Clone(meta)
	maps.DeleteFunc(kept, func(name, _ string) bool {
		return slices.Contains([]string{"Last-Modified", "X-Amz-Copy-Source", replaceHeader, etagHeader}, name)
	})
	return kept
}

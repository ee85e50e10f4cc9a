package objects

import (
	"maps"
	"slices"
	"strings"

	"github.com/johannesboyne/gofakes3"
)

// ListBuckets gives the buckets by name.
func (b *backend) ListBuckets() ([]gofakes3.BucketInfo, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var infos []gofakes3.BucketInfo
	for _, name := range slices.Sorted(maps.Keys(b.buckets)) {
		infos = append(infos, gofakes3.BucketInfo{Name: name, CreationDate: gofakes3.NewContentTime(b.buckets[name].Created)})
	}
	return infos, nil
}

// CreateBucket refuses a bucket that is there.
func (b *backend) CreateBucket(name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.buckets[name] != nil {
		return gofakes3.ResourceError(gofakes3.ErrBucketAlreadyExists, name)
	}
	made := &bucket{Name: name, Created: b.clock.Now().UTC(), objects: map[string]*object{}}
	if err := b.index.Put(bucketIndex, name, made); err != nil {
		return err
	}
	b.buckets[name] = made
	return nil
}

// BucketExists tells whether the bucket is there.
func (b *backend) BucketExists(name string) (bool, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.buckets[name] != nil, nil
}

// DeleteBucket refuses a bucket that has objects. Its uploads go with it.
func (b *backend) DeleteBucket(name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	in := b.buckets[name]
	switch {
	case in == nil:
		return gofakes3.BucketNotFound(name)
	case len(in.keys) > 0:
		return gofakes3.ResourceError(gofakes3.ErrBucketNotEmpty, name)
	}
	for _, u := range b.uploads {
		if u.Bucket == name {
			if err := b.dropUpload(u); err != nil {
				return err
			}
		}
	}
	if err := b.index.Delete(bucketIndex, name); err != nil {
		return err
	}
	delete(b.buckets, name)
	return nil
}

// ForceDeleteBucket is asked for by a header of another product only.
func (b *backend) ForceDeleteBucket(string) error { return gofakes3.ErrNotImplemented }

// ListBucket gives a page of keys and of common prefixes in their order.
func (b *backend) ListBucket(name string, prefix *gofakes3.Prefix, page gofakes3.ListBucketPage) (*gofakes3.ObjectList, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	in := b.buckets[name]
	if in == nil {
		return nil, gofakes3.BucketNotFound(name)
	}
	if prefix == nil {
		prefix = &gofakes3.Prefix{}
	}
	list := gofakes3.NewObjectList()
	first, _ := slices.BinarySearch(in.keys, max(prefix.Prefix, page.Marker))
	last := page.Marker
	for _, key := range in.keys[first:] {
		if !strings.HasPrefix(key, prefix.Prefix) {
			break
		}
		common := commonPrefix(key, prefix)
		if key == page.Marker || common != "" && common == last {
			continue
		}
		if page.MaxKeys > 0 && int64(len(list.Contents)+len(list.CommonPrefixes)) == page.MaxKeys {
			list.IsTruncated, list.NextMarker = true, last
			break
		}
		if common != "" {
			last = common
			list.AddPrefix(common)
			continue
		}
		last = key
		found := in.objects[key]
		list.Add(&gofakes3.Content{
			Key: key, LastModified: gofakes3.NewContentTime(found.Modified), ETag: `"` + found.ETag + `"`,
			Size: found.Size, StorageClass: gofakes3.StorageStandard,
		})
	}
	return list, nil
}

// commonPrefix is the key up to the first delimiter behind the prefix; empty
// when there is none.
func commonPrefix(key string, prefix *gofakes3.Prefix) string {
	if prefix.Delimiter == "" {
		return ""
	}
	at := strings.Index(key[len(prefix.Prefix):], prefix.Delimiter)
	if at < 0 {
		return ""
	}
	return key[:len(prefix.Prefix)+at+len(prefix.Delimiter)]
}

// set adds an object or replaces that of its key.
func (in *bucket) set(o *object) {
	if in.objects[o.Key] == nil {
		at, _ := slices.BinarySearch(in.keys, o.Key)
		in.keys = slices.Insert(in.keys, at, o.Key)
	}
	in.objects[o.Key] = o
}

func (in *bucket) unset(key string) {
	if at, found := slices.BinarySearch(in.keys, key); found {
		in.keys = slices.Delete(in.keys, at, at+1)
	}
	delete(in.objects, key)
}

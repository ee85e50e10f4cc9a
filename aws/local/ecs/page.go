package ecs

import (
	"encoding/base64"
	"fmt"
	"sort"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// pageLimit is the most that one page of a list holds, and how much one holds
// that names no number.
const pageLimit = 100

// keyed is an entry of a list: key orders it and is unique.
type keyed struct{ key, value string }

// page cuts one page out of a list sorted by key. A page begins after the last
// key of the one before, so that what comes and goes between is neither told
// twice nor passed over.
func page(all []keyed, descending bool, token *string, most *int64) (values []string, next *string, err error) {
	size := int64(pageLimit)
	if most != nil {
		size = *most
	}
	if size < 1 || size > pageLimit {
		return nil, nil, wire.Errorf(invalidParameter, "maxResults must be between 1 and %d", pageLimit)
	}
	sort.Slice(all, func(i, j int) bool { return (all[i].key < all[j].key) != descending })
	if token != nil && *token != "" {
		last, err := base64.RawURLEncoding.DecodeString(*token)
		if err != nil {
			return nil, nil, wire.Errorf(invalidParameter, "Invalid token %s", *token)
		}
		all = all[sort.Search(len(all), func(i int) bool {
			return all[i].key != string(last) && (all[i].key > string(last)) != descending
		}):]
	}
	values = []string{}
	for i, entry := range all {
		if int64(i) == size {
			text := base64.RawURLEncoding.EncodeToString([]byte(all[i-1].key))
			return values, &text, nil
		}
		values = append(values, entry.value)
	}
	return values, nil, nil
}

// numberKey is a key that sorts as the number does.
func numberKey(n int64) string { return fmt.Sprintf("%019d", n) }

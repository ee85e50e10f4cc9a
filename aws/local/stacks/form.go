package stacks

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// stamp is how CloudFormation writes instants.
const stamp = "2006-01-02T15:04:05.000Z"

// at is an instant on the wire; empty for the zero time.
func at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(stamp)
}

// members is a list of the Query protocol; an empty one is still written.
type members[T any] struct {
	Items []T `xml:"member"`
}

func list[T any](items []T) members[T] { return members[T]{Items: items} }

// form is a request of the Query protocol.
type form struct {
	url.Values
	// fetched is the template behind TemplateURL.
	fetched string
}

func (f form) yes(name string) bool { return strings.EqualFold(f.Get(name), "true") }

// texts is a list of strings.
func (f form) texts(name string) []string {
	var out []string
	for i := 1; f.Has(fmt.Sprintf("%s.member.%d", name, i)); i++ {
		out = append(out, f.Get(fmt.Sprintf("%s.member.%d", name, i)))
	}
	return out
}

// each calls visit for every structure of a list, with the prefix of its members.
func (f form) each(name string, visit func(prefix string)) {
	for i := 1; ; i++ {
		prefix := fmt.Sprintf("%s.member.%d.", name, i)
		found := false
		for key := range f.Values {
			if strings.HasPrefix(key, prefix) {
				found = true
				break
			}
		}
		if !found {
			return
		}
		visit(prefix)
	}
}

// tags are in order of their keys, so that two lists with the same are equal.
func (f form) tags() []tag {
	var out []tag
	f.each("Tags", func(prefix string) {
		out = append(out, tag{Key: f.Get(prefix + "Key"), Value: f.Get(prefix + "Value")})
	})
	slices.SortFunc(out, func(a, b tag) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// refuse is a ValidationError, the error that CloudFormation has for most.
func refuse(format string, args ...any) error { return wire.Errorf("ValidationError", format, args...) }

// pageSize is how many items one answer has. AWS: ListStacks gives 100.
const pageSize = 100

// page shows the items after the token, which is how many came before.
func page[T, R any](items []T, token string, show func(T) R) (shown members[R], next string, err error) {
	from := 0
	if token != "" {
		if _, err := fmt.Sscanf(token, "page-%d", &from); err != nil || from < 0 || from > len(items) {
			return shown, "", refuse("NextToken is invalid")
		}
	}
	items = items[from:]
	if len(items) > pageSize {
		items, next = items[:pageSize], fmt.Sprintf("page-%d", from+pageSize)
	}
	for _, item := range items {
		shown.Items = append(shown.Items, show(item))
	}
	return shown, next, nil
}

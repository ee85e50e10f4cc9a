package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/local/store"
)

func open(t testing.TB, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(dir)
	noError(t, err)
	return s
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func keys(t testing.TB, s *store.Store, bucket, prefix string) []string {
	t.Helper()
	found := []string{}
	noError(t, s.Each(bucket, prefix, func(key string, text []byte) error {
		found = append(found, key+"="+string(text))
		return nil
	}))
	return found
}

func TestRecordsOutlastARestart(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	noError(t, s.Put("runs", "b", map[string]int{"n": 1}))
	noError(t, s.PutAll("runs", []store.Record{{Key: "c", Value: "x"}, {Key: "a", Value: nil}}))
	noError(t, s.Put("tasks", "b", 2))
	noError(t, s.Close())
	s = open(t, dir)
	defer func() { noError(t, s.Close()) }()
	if diff := cmp.Diff([]string{`a=null`, `b={"n":1}`, `c="x"`}, keys(t, s, "runs", "")); diff != "" {
		t.Error(diff)
	}
	for key, want := range map[string]bool{"b": true, "bb": false, "": false} {
		got := map[string]int{}
		if found, err := s.Get("runs", key, &got); err != nil || found != want || want != (got["n"] == 1) {
			t.Errorf("%q: %t, %v, %v", key, found, got, err)
		}
	}
	if found, err := s.Get("none", "b", nil); err != nil || found {
		t.Errorf("in a bucket that is not there: %t, %v", found, err)
	}
}

func TestOneProcessAtATimeHasTheFolder(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if _, err := store.Open(dir); !errors.Is(err, store.ErrInUse) {
		t.Errorf("a second one gets %v", err)
	}
	noError(t, s.Close())
	noError(t, open(t, dir).Close())
}

func TestAllRecordsOrNone(t *testing.T) {
	s := open(t, t.TempDir())
	defer func() { noError(t, s.Close()) }()
	err := s.PutAll("runs", []store.Record{{Key: "good", Value: 1}, {Key: "bad", Value: func() {}}})
	if err == nil || !strings.Contains(err.Error(), "runs/bad") {
		t.Errorf("what cannot be written gives %v", err)
	}
	if found := keys(t, s, "runs", ""); len(found) != 0 {
		t.Errorf("left %v", found)
	}
}

func TestAnErrorEndsEachAndNamesTheRecord(t *testing.T) {
	s := open(t, t.TempDir())
	defer func() { noError(t, s.Close()) }()
	noError(t, s.PutAll("runs", []store.Record{{Key: "a", Value: 1}, {Key: "b", Value: 2}}))
	stop := errors.New("stop")
	calls := 0
	err := s.Each("runs", "", func(string, []byte) error { calls++; return stop })
	if !errors.Is(err, stop) || !strings.Contains(err.Error(), "runs/a") || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
}

func TestTheStoreIsASortedMap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		s := open(t, dir)
		model := map[string]int{}
		key := rapid.StringMatching(`[ab]{1,3}`)
		for i := range rapid.IntRange(1, 20).Draw(rt, "steps") {
			k := key.Draw(rt, "key")
			switch rapid.SampledFrom([]string{"put", "delete", "prefix", "restart"}).Draw(rt, "step") {
			case "put":
				noError(t, s.Put("b", k, i))
				model[k] = i
			case "delete":
				noError(t, s.Delete("b", k))
				delete(model, k)
			case "prefix":
				noError(t, s.DeletePrefix("b", k))
				for other := range model {
					if strings.HasPrefix(other, k) {
						delete(model, other)
					}
				}
			case "restart":
				noError(t, s.Close())
				s = open(t, dir)
			}
		}
		prefix := rapid.StringMatching(`[ab]{0,2}`).Draw(rt, "prefix")
		want := []string{}
		for k, v := range model {
			if strings.HasPrefix(k, prefix) {
				want = append(want, fmt.Sprintf("%s=%d", k, v))
			}
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, keys(t, s, "b", prefix)); diff != "" {
			rt.Error(diff)
		}
		noError(t, s.Close())
	})
}

func TestRecordsAreReadBackwards(t *testing.T) {
	s := open(t, t.TempDir())
	defer func() { noError(t, s.Close()) }()
	for _, key := range []string{"a/1", "b/1", "b/2", "b/3", "c/1"} {
		noError(t, s.Put("events", key, key))
	}
	for name, want := range map[string]struct {
		before string
		enough int
		keys   []string
	}{
		"from a key on":       {"b/3", 9, []string{"b/2", "b/1"}},
		"from behind them":    {"b/9", 9, []string{"b/3", "b/2", "b/1"}},
		"from the very first": {"b/1", 9, nil},
		"until it is enough":  {"b/9", 2, []string{"b/3", "b/2"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			noError(t, s.Back("events", "b/", want.before, func(key string, _ []byte) error {
				if len(got) == want.enough {
					return store.ErrEnough
				}
				got = append(got, key)
				return nil
			}))
			if diff := cmp.Diff(want.keys, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	var last []string
	noError(t, s.Back("events", "c/", "d", func(key string, _ []byte) error {
		last = append(last, key)
		return nil
	}))
	if diff := cmp.Diff([]string{"c/1"}, last); diff != "" {
		t.Errorf("at the end of the bucket: %s", diff)
	}
}

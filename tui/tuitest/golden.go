package tuitest

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mostPicture bounds a picture in bytes.
const mostPicture = 30_000

var update = flag.Bool("update", false, "write the golden files anew")

// Golden compares a frame with testdata/NAME.txt, which holds its text, and
// testdata/NAME.sgr, which holds its looks with ^[ for escape. With -update it
// writes them.
func Golden(t testing.TB, name, frame string) {
	t.Helper()
	golden(t, filepath.Join("testdata", name+".txt"), plain(frame)+"\n")
	golden(t, filepath.Join("testdata", name+".sgr"), strings.ReplaceAll(frame, "\x1b", "^[")+"\n")
}

// Picture compares the file at path with the picture of a frame that Golden
// keeps, of w×h cells. With -update it writes it.
func Picture(t testing.TB, path, name string, w, h int) {
	t.Helper()
	frame, err := os.ReadFile(filepath.Join("testdata", name+".sgr"))
	if err != nil {
		t.Fatal(err)
	}
	var picture strings.Builder
	if err := SVG(&picture, strings.ReplaceAll(strings.TrimSuffix(string(frame), "\n"), "^[", "\x1b"), w, h); err != nil {
		t.Fatal(err)
	}
	if size := picture.Len(); size > mostPicture {
		t.Errorf("%s takes %d bytes, more than the %d of a picture", path, size, mostPicture)
	}
	golden(t, path, picture.String())
}

// Section compares what stands in a file between <!-- NAME --> and
// <!-- /NAME --> with what is generated for it. With -update it writes it.
func Section(t testing.TB, path, name, want string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), "<!-- "+name+" -->\n")
	got, after, ended := strings.Cut(rest, "<!-- /"+name+" -->")
	if !found || !ended {
		t.Fatalf("%s has no <!-- %s --> … <!-- /%s -->", path, name, name)
	}
	if got == want {
		return
	}
	if !*update {
		t.Errorf("%s: the section %s is stale; go test -update writes it anew", path, name)
		return
	}
	text = []byte(before + "<!-- " + name + " -->\n" + want + "<!-- /" + name + " -->" + after)
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func golden(t testing.TB, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%s is not there; go test -update writes it", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update writes it anew)\n--- want\n%s\n--- got\n%s", path, want, got)
	}
}

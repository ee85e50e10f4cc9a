// Package aws_test holds the rules of the layout: who may import whom, and how
// long a file may be.
package aws_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const (
	module      = "github.com/stepdeck/stepdeck/"
	serviceSDK  = "github.com/aws/aws-sdk-go-v2/service/"
	anySDK      = "github.com/aws/"
	fileLimit   = 400
	testLimit   = 700
	projectRoot = ".."
)

// forbidden lists, for a folder, the import paths that its own code must not name.
var forbidden = []struct {
	folder string
	why    string
	bans   func(path string) bool
}{
	{"tui", "the terminal UI knows no AWS SDK", func(p string) bool { return strings.HasPrefix(p, anySDK) }},
	{"tui", "the terminal UI asks the use cases, not the clients", under("aws/client", "aws/local", "cmd")},
	{"aws/workflow", "the domain is pure", impure("aws/workflow", "aws/safe")},
	{"aws/safe", "safe text is pure", impure("aws/safe")},
	{"aws/triage", "the diagnosis is pure", impure("aws/triage", "aws/workflow", "aws/safe")},
	{"aws/ops", "the use cases declare ports and know no SDK", func(p string) bool { return strings.HasPrefix(p, anySDK) }},
	{"aws/ops", "the use cases know neither clients nor screens", under("aws/client", "aws/local", "aws/session", "tui", "cmd")},
	{"aws/image", "the use cases declare ports and know no SDK", func(p string) bool { return strings.HasPrefix(p, anySDK) }},
	{"aws/image", "the use cases know neither clients nor screens", under("aws/client", "aws/local", "aws/session", "tui", "cmd")},
	{"aws/stack", "the use cases declare ports and know no SDK", func(p string) bool { return strings.HasPrefix(p, anySDK) }},
	{"aws/stack", "the use cases know neither clients nor screens", under("aws/client", "aws/local", "aws/session", "tui", "cmd")},
	{"aws/client", "the clients do not know the screens or local AWS", under("aws/local", "tui", "cmd")},
	{"aws/local", "local AWS and the SDK check each other", func(p string) bool { return strings.HasPrefix(p, serviceSDK) }},
	{"aws/local", "local AWS does not know the console", under("aws/client", "aws/ops", "aws/session", "aws/workflow", "tui", "cmd")},
}

func under(folders ...string) func(string) bool {
	return func(path string) bool {
		for _, f := range folders {
			if path == module+f || strings.HasPrefix(path, module+f+"/") {
				return true
			}
		}
		return false
	}
}

// impure bans all but the standard library, the folders named, and the width
// tables of terminal cells.
func impure(folders ...string) func(string) bool {
	own := under(folders...)
	return func(path string) bool {
		standard := !strings.Contains(strings.SplitN(path, "/", 2)[0], ".")
		return !standard && !own(path) && !strings.HasPrefix(path, "github.com/charmbracelet/x/ansi")
	}
}

func TestImportsGoOneWay(t *testing.T) {
	for _, rule := range forbidden {
		for file, imports := range importsBelow(t, rule.folder) {
			for _, path := range imports {
				if rule.bans(path) {
					t.Errorf("%s imports %s: %s", file, path, rule.why)
				}
			}
		}
	}
}

func TestFilesStayShort(t *testing.T) {
	walkGo(t, projectRoot, func(file string) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		limit := fileLimit
		if strings.HasSuffix(file, "_test.go") {
			limit = testLimit
		}
		if lines := strings.Count(string(text), "\n"); lines > limit {
			t.Errorf("%s has %d lines; the limit is %d", file, lines, limit)
		}
	})
}

func importsBelow(t *testing.T, folder string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	walkGo(t, filepath.Join(projectRoot, folder), func(file string) {
		if strings.HasSuffix(file, "_test.go") {
			return
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatalf("parse %s: %v", file, err)
		}
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatalf("parse %s: %v", file, err)
			}
			found[file] = append(found[file], path)
		}
	})
	return found
}

func walkGo(t *testing.T, root string, visit func(file string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case os.IsNotExist(err):
			return nil
		case err != nil:
			return err
		case entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && path != root:
			return fs.SkipDir
		case strings.HasSuffix(path, ".go"):
			visit(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

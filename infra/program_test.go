package infra_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// programs are the folders whose code runs in the task.
var programs = []string{"../container", "../cmd/steprun"}

const servicePath = "github.com/aws/aws-sdk-go-v2/service/"

// taskActions is what each operation of the SDK asks of IAM, and whether on an object, a bucket or a machine.
var taskActions = map[string]struct{ action, on string }{
	"s3:PutObject":               {"s3:PutObject", "object"},
	"s3:CreateMultipartUpload":   {"s3:PutObject", "object"},
	"s3:UploadPart":              {"s3:PutObject", "object"},
	"s3:CompleteMultipartUpload": {"s3:PutObject", "object"},
	"s3:AbortMultipartUpload":    {"s3:AbortMultipartUpload", "object"},
	"s3:GetObject":               {"s3:GetObject", "object"},
	"s3:ListObjectsV2":           {"s3:ListBucket", "bucket"},
	"sfn:SendTaskSuccess":        {"states:SendTaskSuccess", "machine"},
	"sfn:SendTaskFailure":        {"states:SendTaskFailure", "machine"},
	"sfn:SendTaskHeartbeat":      {"states:SendTaskHeartbeat", "machine"},
}

// programCalls are the AWS calls in the code that runs in the task, on the stack's bucket and machine.
func programCalls(t *testing.T, bucket, machine string) []call {
	t.Helper()
	var calls []call
	for _, operation := range operations(t) {
		needed, ok := taskActions[operation]
		if !ok {
			t.Errorf("the task calls %s: add the action that it needs to this test, and to the task role", operation)
			continue
		}
		resource := map[string]string{"object": bucket + "/dumps/shop/2026.sql.zst", "bucket": bucket, "machine": machine}[needed.on]
		calls = append(calls, call{action: needed.action, resource: resource})
	}
	return calls
}

// operations are the SDK's operations whose input the programs make, such as "s3:PutObject".
func operations(t *testing.T) []string {
	t.Helper()
	found := map[string]bool{}
	for _, folder := range programs {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			services := importedServices(t, file)
			ast.Inspect(file, func(n ast.Node) bool {
				selector, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if from, ok := selector.X.(*ast.Ident); ok && services[from.Name] != "" {
					if operation, isInput := strings.CutSuffix(selector.Sel.Name, "Input"); isInput {
						found[services[from.Name]+":"+operation] = true
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// importedServices maps the names that a file gives to packages of the SDK to their services.
func importedServices(t *testing.T, file *ast.File) map[string]string {
	t.Helper()
	services := map[string]string{}
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		service, ok := strings.CutPrefix(path, servicePath)
		if !ok || strings.Contains(service, "/") {
			continue
		}
		local := service
		if spec.Name != nil {
			local = spec.Name.Name
		}
		services[local] = service
	}
	return services
}

func TestTheProgramsCallsAreFoundInItsCode(t *testing.T) {
	if diff := cmp.Diff(slices.Sorted(maps.Keys(taskActions)), operations(t)); diff != "" {
		t.Errorf("known here (-) and called (+):\n%s", diff)
	}
}

package access_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/stepdeck/stepdeck/aws/access"
)

const sdk = "github.com/aws/aws-sdk-go-v2/service/"

// serviceIDs are by the name of the SDK's package.
var serviceIDs = map[string]string{
	"cloudformation": cloudformation.ServiceID,
	"cloudwatchlogs": cloudwatchlogs.ServiceID,
	"ec2":            ec2.ServiceID,
	"ecr":            ecr.ServiceID,
	"ecs":            ecs.ServiceID,
	"sfn":            sfn.ServiceID,
	"ssm":            ssm.ServiceID,
	"sts":            sts.ServiceID,
}

// callsIn returns the operations that a file of Go calls: those whose input it names, as in
// sfn.ListExecutionsInput. No operation takes another's input.
func callsIn(t *testing.T, file string) []access.Call {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	services := map[string]string{}
	for _, spec := range parsed.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		if !strings.HasPrefix(imported, sdk) || strings.Contains(strings.TrimPrefix(imported, sdk), "/") {
			continue
		}
		name := path.Base(imported)
		id, known := serviceIDs[name]
		if !known {
			t.Fatalf("%s uses %s, which has no service ID here", file, imported)
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		services[name] = id
	}
	var calls []access.Call
	ast.Inspect(parsed, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		from, ok := selector.X.(*ast.Ident)
		if operation, isInput := strings.CutSuffix(selector.Sel.Name, "Input"); ok && isInput && services[from.Name] != "" {
			calls = append(calls, access.Call{Service: services[from.Name], Operation: operation})
		}
		return true
	})
	return calls
}

package stack

import (
	"regexp"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// longestName leaves room for what the template appends: the bucket
// NAME-artifacts-ACCOUNT-REGION has at most 63 characters (AWS: S3 bucket names).
const longestName = 25

var goodName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// CheckName refuses a name that a stack, or what is named after it, cannot have.
func CheckName(name string) error {
	switch {
	case name == "":
		return badName("the stack has no name")
	case len(name) > longestName:
		return badName("%q has %d characters; 25 is the limit, because the bucket is named after the stack", name, len(name))
	case !goodName.MatchString(name):
		return badName("%q is no name of a stack: it is made of lower-case letters, digits and hyphens, a letter first", name)
	}
	return nil
}

func badName(format string, args ...any) error {
	return &ops.Problem{
		Kind: ops.Usage, Title: safe.Line("--stack"), Detail: safe.Linef(format, args...), Hint: safe.Linef("choose a name such as %s", DefaultName),
	}
}

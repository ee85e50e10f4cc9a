package states

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// longestName bounds names of machines and runs, in characters.
const longestName = 80

// ofKind refuses an ARN that is not of the kind: "stateMachine", "execution"
// or "express".
func ofKind(arn, kind string) error {
	if !strings.HasPrefix(arn, "arn:") {
		return invalidARN("Invalid ARN prefix: " + arn)
	}
	parts := strings.SplitN(arn, ":", 7)
	if len(parts) < 7 || parts[2] != "states" {
		return invalidARN("Invalid ARN: " + arn)
	}
	if parts[5] != kind {
		return invalidARN("Resource type not valid in this context: " + parts[5])
	}
	return nil
}

func invalidARN(why string) error { return wire.Errorf("InvalidArn", "Invalid Arn: '%s'", why) }

func (s *Service) machineARN(name string) string {
	return fmt.Sprintf("arn:aws:states:%s:%s:stateMachine:%s", s.opts.Region, s.opts.Account, name)
}

func (s *Service) runARN(machine, name string) string {
	return fmt.Sprintf("arn:aws:states:%s:%s:execution:%s:%s", s.opts.Region, s.opts.Account, machine, name)
}

func (s *Service) expressARN(machine, name, id string) string {
	return fmt.Sprintf("arn:aws:states:%s:%s:express:%s:%s:%s", s.opts.Region, s.opts.Account, machine, name, id)
}

// checkName refuses names that AWS forbids for machines and runs (AWS:
// CreateStateMachine and StartExecution, "A name must not contain").
func checkName(name string) error {
	ok := utf8.ValidString(name) && !strings.ContainsAny(name, "<>{}[]?*\"#%\\^|~`$&,;:/")
	for _, c := range name {
		ok = ok && !forbidden(c)
	}
	if !ok {
		return wire.Errorf("InvalidName", "Invalid Name: '%s'", name)
	}
	return nil
}

func forbidden(c rune) bool {
	switch {
	case c <= ' ', c >= 0x7f && c <= 0x9f, c == 0xa0, c == 0x2028, c == 0x2029, c == 0x3000:
		return true // control characters and white space
	case c == 0xfffe, c == 0xffff, c == 0xfffd, c == 0x10ffff:
		return true
	}
	return false
}

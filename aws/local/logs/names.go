package logs

import (
	"regexp"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

const (
	invalidParameter = "InvalidParameterException"
	notFound         = "ResourceNotFoundException"
	alreadyExists    = "ResourceAlreadyExistsException"
)

var (
	errNoGroup  = wire.Errorf(notFound, "The specified log group does not exist.")
	errNoStream = wire.Errorf(notFound, "The specified log stream does not exist.")
	errToken    = wire.Errorf(invalidParameter, "The specified nextToken is invalid.")
)

const maxName = 512

var (
	groupPattern  = regexp.MustCompile(`[\.\-_/#A-Za-z0-9]+`)
	streamPattern = regexp.MustCompile(`[^:*]*`)
)

// checkNames checks a group's name and a stream's, where one is asked for.
func checkNames(groupName string, streamName *string) error {
	if len(groupName) > maxName || streamName != nil && len(*streamName) > maxName {
		return wire.Errorf(invalidParameter, "Invalid LogGroup or LogStream, both must have length less than or equal to %d.", maxName)
	}
	var v wire.Violations
	checkName(&v, "logGroupName", groupName, groupPattern)
	if streamName != nil {
		checkName(&v, "logStreamName", *streamName, streamPattern)
	}
	return v.ErrAs(invalidParameter)
}

func checkName(v *wire.Violations, field, name string, allowed *regexp.Regexp) {
	if name == "" {
		v.Length(field, name, 1, maxName)
		return
	}
	v.Pattern(field, name, allowed)
}

// groupRef names a group either way, as the reading operations allow.
type groupRef struct {
	LogGroupName       string `json:"logGroupName"`
	LogGroupIdentifier string `json:"logGroupIdentifier"`
}

// groupName is the name of the group that is meant.
func (s *Service) groupName(ref groupRef) (string, error) {
	switch {
	case ref.LogGroupName != "" && ref.LogGroupIdentifier != "":
		return "", wire.Errorf("ValidationException", "LogGroup name and LogGroup ARN are mutually exclusive parameters.")
	case ref.LogGroupIdentifier == "":
		return ref.LogGroupName, checkNames(ref.LogGroupName, nil)
	case !strings.HasPrefix(ref.LogGroupIdentifier, "arn:"):
		return ref.LogGroupIdentifier, checkNames(ref.LogGroupIdentifier, nil)
	default:
		name, ok := s.nameInARN(ref.LogGroupIdentifier)
		if !ok {
			return "", errNoGroup
		}
		return name, nil
	}
}

func (s *Service) groupARN(name string) string {
	return "arn:aws:logs:" + s.opts.Region + ":" + s.opts.Account + ":log-group:" + name
}

// nameInARN is the name in a group's ARN of this account and region, which may
// end in ":*".
func (s *Service) nameInARN(arn string) (string, bool) {
	name, ok := strings.CutPrefix(strings.TrimSuffix(arn, ":*"), s.groupARN(""))
	return name, ok && name != "" && !strings.Contains(name, ":")
}

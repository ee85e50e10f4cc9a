package states

import (
	"fmt"
	"regexp"
	"unicode/utf8"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// Limits of members, in characters unless they say otherwise.
const (
	longestARN        = 256
	longestData       = 262_144 // bytes
	longestDefinition = 1_048_576
	longestError      = 256
	longestCause      = 32_768
	longestToken      = 2048
	mostResults       = 1000
	defaultResults    = 100
)

var printable = regexp.MustCompile(`[!-~]+`)

// checkARN records violations of a required ARN.
func checkARN(v *wire.Violations, name string, arn *string) {
	v.Required(name, arn != nil)
	if arn != nil {
		v.Length(name, *arn, 1, longestARN)
	}
}

// checkOptional records violations of a text's length when it is given.
func checkOptional(v *wire.Violations, name string, text *string, least, most int) {
	if text != nil {
		v.Length(name, *text, least, most)
	}
}

// checkPage records violations of the members that page a list.
func checkPage(v *wire.Violations, maxResults int64, token *string, longest int) {
	v.Range("maxResults", maxResults, 0, mostResults)
	checkOptional(v, "nextToken", token, 1, longest)
}

// tooLong refuses a payload that is over its limit. AWS does not repeat the
// value of a payload. Data is measured in bytes, other texts in characters.
func tooLong(name string, text *string, limit int) error {
	if text == nil {
		return nil
	}
	size := utf8.RuneCountInString(*text)
	if limit == longestData {
		size = len(*text)
	}
	if size <= limit {
		return nil
	}
	return &wire.Error{Code: "ValidationException", Message: fmt.Sprintf(
		"1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have length less than or equal to %d", name, limit)}
}

// given is a text member, empty when it is not there.
func given(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// pageSize is how many items a page has: maxResults, or the default for 0.
func pageSize(maxResults int64) int {
	if maxResults == 0 {
		return defaultResults
	}
	return int(maxResults)
}

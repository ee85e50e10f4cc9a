package screen

import (
	"strings"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// inShort is an error and its cause in a line of a list. What every script that
// failed begins with is left out: the lines would differ only behind the edge.
func inShort(name, cause safe.Text) safe.Text {
	if rest, ok := strings.CutPrefix(cause.String(), "the job ended with "); ok && name.String() == "ScriptFailed" {
		return safe.Line(rest)
	}
	return safe.Join(": ", presentTexts(name, cause)...)
}

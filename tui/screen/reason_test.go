package screen

import (
	"testing"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

func TestWhatEveryScriptThatFailedBeginsWithIsLeftOut(t *testing.T) {
	for _, c := range []struct{ name, cause, want string }{
		{"ScriptFailed", "the job ended with exit code 3: disk full", "exit code 3: disk full"},
		{"ScriptFailed", "no command was given", "ScriptFailed: no command was given"},
		{"Own", "the job ended with exit code 3", "Own: the job ended with exit code 3"},
		{"OutOfMemory", "", "OutOfMemory"},
		{"", "", ""},
	} {
		if got := inShort(safe.Line(c.name), safe.Line(c.cause)).String(); got != c.want {
			t.Errorf("%s, %s: %q, want %q", c.name, c.cause, got, c.want)
		}
	}
}

func TestAnErrorThatIsLeftOutIsFoundStill(t *testing.T) {
	inRuns(t, 80, 24, func(t *testing.T, _ *account, d *tuitest.Driver) {
		d.Press("/")
		d.Type("cause:ScriptFailed")
		shown(t, d, "2026-users", "1 of")
	})
}

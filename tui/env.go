package tui

import (
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// Clock is the time that screens live by.
type Clock interface {
	Now() time.Time
	After(d time.Duration) <-chan time.Time
}

// RealClock is the computer's own clock.
func RealClock() Clock { return realClock{} }

type realClock struct{}

func (realClock) Now() time.Time                         { return time.Now() }
func (realClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// Env is what the program gives every screen. Whoever calls Run makes it and
// may leave Theme and Clock to Run. Screens read it from Update and View only;
// the program may change it between two messages.
type Env struct {
	// Theme is changed in place when the terminal tells its background or the
	// user chooses another one, so keep the pointer, not painted text.
	Theme *theme.Theme
	Clock Clock
	// ReadOnly disables every action that changes something.
	ReadOnly bool
	// Protected asks for a typed word before every change.
	Protected bool
	Where     Where

	work *work
}

// Where is what the console is connected to, as the breadcrumbs name it.
// Account may be empty until AWS has told it.
type Where struct {
	Profile, Account, Region safe.Text
	// Local is set on local AWS.
	Local bool
}

// Rates is how busy the way to AWS is: requests and throttled requests of the
// last 60 seconds, and calls that are held back now.
type Rates struct {
	CallsPerMinute, ThrottlesPerMinute, Waiting int
}

// Change is one change that was asked of AWS from here.
type Change struct {
	Time      time.Time
	Operation safe.Text
	Target    safe.Text
	RequestID safe.Text
	// Result is "ok", or the error.
	Result safe.Text
	OK     bool
}

// Audit reads the changes made from here, the newest last. It is called off
// the UI goroutine.
type Audit interface {
	Changes(n int) ([]Change, error)
}

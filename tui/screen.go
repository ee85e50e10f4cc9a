package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/tui/theme"
)

// Screen is one screen of the stack. It is a plain struct: Update changes its
// fields and starts work through its Scope, View draws its fields and does
// nothing else.
type Screen interface {
	// Title is the screen's part of the breadcrumbs, safe to draw.
	Title() string
	// Open starts the screen's first work. The scope ends when the screen is left.
	Open(s *Scope) tea.Cmd
	// Update takes a message: the answers of its own work, and the keys that
	// no action has.
	Update(msg tea.Msg) tea.Cmd
	// View is exactly h lines, none wider than w cells.
	View(w, h int) string
	// Actions are what can be done here now.
	Actions() []Action
	// Capturing reports that a text field takes the keys.
	Capturing() bool
}

// Action is one thing that the screen can do now, bound to its row of the key
// table.
type Action struct {
	ID ID
	// Disabled is why it cannot be done now, in a sentence; empty when it can.
	Disabled string
	Run      func() tea.Cmd
}

// Filterable is a screen whose list takes a filter. SetFilter is called on
// every change and returns what is wrong with the text, if anything.
type Filterable interface {
	Filter() string
	SetFilter(text string) error
}

// Dated is a screen that shows data of some age.
type Dated interface {
	// Freshness is when the data was read (zero: not yet), whether it is being
	// read, and what has not been loaded, such as "first 100 of more runs".
	Freshness() (read time.Time, loading bool, missing string)
}

// Subject is a screen with something under its cursor to copy, open or export.
type Subject interface {
	// Subject may be nil when nothing is there.
	Subject() *Selection
}

// Selection is what the keys y, Y, o and e work on. Empty members disable
// their keys.
type Selection struct {
	Value string
	ARN   string
	URL   string
	// Export is the JSON text of what is shown or marked, and File the name to save it by.
	Export func() ([]byte, error)
	File   string
}

// Clock is the time that screens live by.
type Clock interface {
	Now() time.Time
	After(d time.Duration) <-chan time.Time
}

// Env is what the program gives every screen.
type Env struct {
	Theme *theme.Theme
	Clock Clock
	// ReadOnly disables every action that changes something.
	ReadOnly bool
	// Protected asks for a typed word before every change.
	Protected bool
}

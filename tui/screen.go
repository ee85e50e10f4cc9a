package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// Screen is one screen of the stack. It is a plain struct: Update changes its
// fields and starts work through its Scope, View draws its fields and does
// nothing else.
type Screen interface {
	// Title is the screen's part of the breadcrumbs, safe to draw.
	Title() string
	// Open starts the screen's first work. The scope ends when the screen is left.
	Open(s *Scope) tea.Cmd
	// Update takes a message: the answers of its own work, the keys that no
	// action has, tea.PasteMsg (raw text) while Capturing, and with the mouse on
	// tea.MouseClickMsg with X and Y inside the View. The wheel comes as the
	// keys up and down.
	Update(msg tea.Msg) tea.Cmd
	// View is exactly h lines, none wider than w cells.
	View(w, h int) string
	// Actions are what can be done here now.
	Actions() []Action
	// Capturing reports that a text field takes the keys. Then only those
	// actions are run by key that are listed now and whose key types no text
	// (ctrl+s, f2, esc, tab …); all other keys but ctrl+c go to Update.
	Capturing() bool
}

// Action is one thing that the screen can do now, bound to its row of the key
// table.
type Action struct {
	ID ID
	// Disabled is why it cannot be done now, in a sentence; empty when it can.
	Disabled string
	// Run is nil for bindings whose keys Update handles itself: it then gets
	// them before the program does, and they are in the help and the footer.
	Run func() tea.Cmd
}

// Filterable is a screen whose list takes a filter. SetFilter is called on
// every change and returns what is wrong with the text, if anything.
type Filterable interface {
	Filter() string
	SetFilter(text string) error
}

// Finder is a Filterable that looks for the text in place of narrowing a list:
// Find, called when enter ends the filter line, goes to what was found.
type Finder interface{ Find() }

// Dated is a screen that shows data of some age.
type Dated interface {
	// Freshness is when the data was read (zero: not yet), whether it is being
	// read, and what has not been loaded, such as "first 100 of more runs".
	Freshness() (read time.Time, loading bool, missing string)
}

// Follower is a Dated screen that may be told what is new when it happens: what
// it shows has no age then.
type Follower interface{ Following() bool }

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

package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// navigation asks the program for something that concerns the stack of
// screens. from is the scope of the screen that asks; nil is the program.
type navigation struct {
	from *Scope
	what any
}

type (
	pushed    struct{ screen Screen }
	popped    struct{}
	replaced  struct{ screen Screen }
	returned  struct{}
	restarted struct {
		where     Where
		protected bool
		home      Screen
	}
	asked struct{ dialog Dialog }
)

type (
	toasted struct {
		kind ToastKind
		text safe.Text
	}
	relocated struct{ where Where }
	attention struct{ failed, stuck int }
	stuck     struct{ runs int }
	saved     struct {
		name string
		data []byte
	}
)

func message(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }

// Push opens a screen on top of the one that asks.
func Push(s Screen) tea.Cmd { return message(navigation{what: pushed{s}}) }

// Pop leaves the screen that asks, if it is on top; the first screen stays.
func Pop() tea.Cmd { return message(navigation{what: popped{}}) }

// Replace leaves the screen that asks and opens another one in its place.
func Replace(s Screen) tea.Cmd { return message(navigation{what: replaced{s}}) }

// Return leaves all screens but the first.
func Return() tea.Cmd { return message(navigation{what: returned{}}) }

// Restart leaves all screens and starts again with home, connected elsewhere.
func Restart(where Where, protected bool, home Screen) tea.Cmd {
	return message(navigation{what: restarted{where, protected, home}})
}

// Relocate changes the breadcrumbs' first part, once AWS has told the account.
func Relocate(where Where) tea.Cmd { return message(relocated{where}) }

// Attention sets the counts in the header of runs that failed lately and of
// runs that are stuck.
func Attention(failed, stuck int) tea.Cmd { return message(attention{failed, stuck}) }

// Stuck sets the header's count of stuck runs alone.
func Stuck(n int) tea.Cmd { return message(stuck{n}) }

// Ask shows a dialog over the screen that asks, as soon as that is on top. The
// dialog's Then gets the answer unless the screen has been left.
func Ask(d Dialog) tea.Cmd { return message(navigation{what: asked{d}}) }

// Toast tells of an action's outcome for some seconds.
func Toast(kind ToastKind, text safe.Text) tea.Cmd { return message(toasted{kind, text}) }

// Save writes data to a new file in the current folder and says where. An
// existing file is never overwritten: a number is added to the name.
func Save(name string, data []byte) tea.Cmd { return message(saved{name, data}) }

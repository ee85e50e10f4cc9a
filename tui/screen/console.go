// Package screen holds the screens of the console, a file or a few for each.
package screen

import (
	"cmp"
	"context"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

// Deadlines of what screens load.
const (
	loadLimit   = 20 * time.Second
	actionLimit = 30 * time.Second
)

// Console is what every screen works with: the use cases of one account and
// region, and the way to another.
type Console struct {
	*ops.Service
	Env   *tui.Env
	Place Place
	// Protected asks for a typed word before every change in this place.
	Protected bool
	// Presets is the folder of saved inputs.
	Presets string
	// Bulks is the folder of the journals of bulk actions.
	Bulks string
	// Share is the token bucket of an API of a service, by the SDK's service ID:
	// calls at once and calls a second. Nil paces bulk actions by AWS alone.
	Share func(service, operation string) (capacity, refill float64)
	// Watched are the machines that come first on the home screen.
	Watched []string
	// Switch opens another place. It sends nothing to AWS.
	Switch func(ctx context.Context, to Place) (*Console, error)
	// Identity asks AWS whose account this is. Nil where nobody can tell.
	Identity func(ctx context.Context) (account string, err error)
	// Profiles are those of the user's AWS files, and Regions the regions to offer.
	Profiles, Regions []string
	// Login runs the command that renews the profile's session, and says
	// what it prints, line by line. Nil where there is none.
	Login func(ctx context.Context, profile string) (<-chan safe.Text, error)
	// Stack is the stack that is planned and deployed from here.
	Stack StackKit
	// Who is USER@HOST, as Service stamps it; it fills the cause of a stop.
	Who string

	memory memory
	seat   *seat
	jobs   *bulkJobs
	// drafts are what was typed into forms and not started, by draftKey.
	drafts map[string]draft
}

// Place is whose AWS the console looks at.
type Place struct {
	Profile, Account, Region, Role, Endpoint string
	Local                                    bool
}

// Where is the place as the breadcrumbs name it.
func (p Place) Where() tui.Where {
	return tui.Where{
		Profile: safe.Line(cmp.Or(p.Profile, "default")), Account: safe.Line(p.Account),
		Region: safe.Line(p.Region), Local: p.Local,
	}
}

// FormSpec says which form to open: for a machine, filled from a run when Like is
// set, with Changes on top.
type FormSpec struct {
	Machine workflow.Machine
	Like    *workflow.Run
	Changes []inputChange
}

// inputChange is a value that a form proposes.
type inputChange struct {
	path  []string
	value string // as it is typed
}

// Tab is a tab of the run screen.
type Tab int

// The tabs, in their order on the screen.
const (
	TabVerdict Tab = iota
	TabTimeline
	TabGraph
	TabEvents
	TabIO
	TabTask
	TabLog
)

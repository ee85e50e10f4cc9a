package stack

import (
	"context"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// Visitor is who watches a deployment of several parts, and decides. All but
// Confirm may be nil.
type Visitor struct {
	// Confirm is asked before each change set is executed, also for an empty
	// one; an error ends the deployment and discards the plan. again tells that
	// the change set is the second of one deployment.
	Confirm func(ctx context.Context, p *Plan, again bool) error
	// Refused gets a plan whose checks failed, or that could only be checked.
	Refused func(p *Plan)
	Show    func(Progress)
	Image   func(safe.Text) // a line of the image's build and push
}

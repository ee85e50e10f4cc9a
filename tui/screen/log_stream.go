package screen

import (
	"fmt"

	"github.com/stepdeck/stepdeck/aws/ops"
)

func streamKey(attempt int, container string) string { return fmt.Sprintf("%d %s", attempt, container) }

func (p *logPane) noteStream(item ops.TailItem) {
	if item.Log.Stream != "" {
		p.newest = item.Log
		p.streams[streamKey(item.Attempt, item.Container)] = item.Log
	}
}

// page is the web console's of the stream that is shown alone, or else of the
// one written to last; empty before the first line.
func (p *logPane) page() string {
	ref := p.newest
	if s := p.lines.State(); !s.Container.Empty() {
		ref = p.streams[streamKey(s.Attempt, s.Container.String())]
	}
	return p.console.logPage(ref)
}

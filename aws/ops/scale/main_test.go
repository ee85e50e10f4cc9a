package scale_test

import (
	"flag"
	"os"
	"testing"

	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
)

// full asks for as many random histories as are promised; a race detector makes
// them slow.
var full = flag.Bool("full", false, "live through all random histories")

// steprun is the entrypoint of the tasks that local AWS runs.
var steprun string

func TestMain(m *testing.M) { os.Exit(shippedtest.WithSteprun(&steprun, m.Run)) }

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

// rig has the shipped stack and its entrypoint.
var rig shippedtest.Rig

func TestMain(m *testing.M) { os.Exit(rig.Run(m.Run)) }

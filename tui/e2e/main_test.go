package e2e_test

import (
	"os"
	"testing"

	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
)

// rig has the shipped stack and its entrypoint.
var rig shippedtest.Rig

func TestMain(m *testing.M) { os.Exit(rig.Run(m.Run)) }

package e2e_test

import (
	"os"
	"testing"

	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
)

// steprun is the entrypoint of the tasks that local AWS runs.
var steprun string

func TestMain(m *testing.M) { os.Exit(shippedtest.WithSteprun(&steprun, m.Run)) }

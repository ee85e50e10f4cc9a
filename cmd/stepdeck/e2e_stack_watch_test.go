package main

import (
	"testing"

	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
)

func TestWatchingAnUpdateThatFailsEndsAsAFailure(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	s.faults(t, `[{"kind":"latency","service":"ecs","operation":"RegisterTaskDefinition","delayMillis":2000},{"kind":"denied","service":"ecs","operation":"RegisterTaskDefinition"}]`)
	c := s.begin(t, "stack", "deploy", "--parameter", "TaskMemory=1024", "--yes")
	shippedtest.Eventually(t, "the deployment to begin", func() error { return sees(c.err.String(), "UPDATE_IN_PROGRESS TaskDefinition") })
	c.interrupt()
	exitsWith(t, c.wait(t), exitInterrupted)
	o := s.run(t, "stack", "status", "--watch")
	exitsWith(t, o, exitFailed)
	has(t, o.err, "✖ TaskDefinition AWS::ECS::TaskDefinition: User: ", "UPDATE_ROLLBACK_COMPLETE dumps")
	has(t, o.out, "✖ the last operation failed at TaskDefinition: ")
	// It has ended: there is nothing to watch.
	exits0(t, s.run(t, "stack", "status", "--watch"))
}

func TestAResourceThatCouldNotBeDeletedIsDeletedOnceItCan(t *testing.T) {
	t.Parallel()
	s := newStation(t)
	s.faults(t, `[{"kind":"denied","service":"ecs","operation":"DeleteCluster"}]`)
	exitsWith(t, s.run(t, "stack", "delete", "--yes"), exitFailed)
	drift := s.run(t, "stack", "drift")
	exitsWith(t, drift, exitFailed)
	has(t, drift.err, "stack dumps is in DELETE_FAILED", "stepdeck --local stack delete --stack dumps")
	s.faults(t, `[]`)
	o := s.run(t, "stack", "delete", "--yes")
	exits0(t, o)
	has(t, o.err, "is tried again, and then kept: Cluster AWS::ECS::Cluster", "DELETE_COMPLETE Cluster", "DELETE_COMPLETE dumps")
	exitsWith(t, s.run(t, "stack", "status"), exitNotFound)
}

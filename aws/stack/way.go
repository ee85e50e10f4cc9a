package stack

import "github.com/stepdeck/stepdeck/aws/safe"

// StuckState tells what brings a stack of the name out of a status in which it
// takes no update; nil for a status that needs nothing.
func StuckState(name string, s Status) *WayOut {
	if s.Moving() {
		return &WayOut{
			Sentence: safe.Linef("AWS is at work on stack %s (%s).", name, s),
			Command:  "stack status --watch --stack " + name, Do: RemedyWatch,
		}
	}
	way, ok := ways[s]
	if !ok {
		return nil
	}
	command := map[Remedy]string{RemedyDelete: "stack delete", RemedyContinueRollback: "stack deploy", RemedyDeploy: "stack deploy"}[way.do]
	return &WayOut{Sentence: safe.Linef(way.sentence, name), Command: command + " --stack " + name, Do: way.do}
}

// ways are AWS's rules for the statuses that a failure leaves.
var ways = map[Status]struct {
	sentence string
	do       Remedy
}{
	ReviewInProgress: {"Stack %s was planned and never made.", RemedyDeploy},
	CreateFailed:     {"The first deployment of stack %s failed and left it half made: it can only be deleted, and made anew.", RemedyDelete},
	RollbackComplete: {"The first deployment of stack %s failed and was undone: what is left is an empty stack that can only be deleted.", RemedyDelete},
	RollbackFailed:   {"The first deployment of stack %s failed and could not be undone: it can only be deleted, and made anew.", RemedyDelete},
	DeleteFailed:     {"Stack %s could not be deleted whole: delete it again, and what AWS still cannot delete is kept.", RemedyDelete},
	UpdateFailed:     {"The last update of stack %s failed and was not undone: the next deployment goes on from there.", RemedyDeploy},
	UpdateRollbackFailed: {
		"The last update of stack %s failed and undoing it failed too: once its cause is gone, the rollback goes on.",
		RemedyContinueRollback,
	},
	"IMPORT_ROLLBACK_FAILED": {"An import into stack %s failed and could not be undone: it can only be deleted, and made anew.", RemedyDelete},
}

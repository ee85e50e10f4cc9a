package check

// rule is one thing that the checker looks for.
type rule struct {
	name  string
	level Level
	run   func(*checker)
}

// rules are all that Check applies, by topic.
var rules = []rule{
	// text.go: what YAML and other partitions make of a text
	{"version-date", Error, versionDates},
	{"number-mangled", Error, mangledNumbers},
	{"partition-fixed", Error, fixedPartitions},
	{"reference-unknown", Error, unknownReferences},
	{"select-range", Error, selectsBeyondTheList},
	{"jsonata-line-break", Warning, brokenExpressions},
	// substitution.go: between the template and its definitions
	{"substitution-undefined", Error, undefinedSubstitutions},
	{"substitution-unused", Error, unusedSubstitutions},
	{"substitution-number", Error, numbersBySubstitution},
	// state.go: states that run a task
	{"container-name", Error, containerNames},
	{"command-type", Error, commandTypes},
	{"heartbeat-missing", Error, missingHeartbeats},
	{"heartbeat-timeout", Error, heartbeatsAboveTimeouts},
	{"timeout-short", Warning, shortTimeouts},
	{"security-group-missing", Error, missingSecurityGroups},
	{"public-ip-fixed", Warning, fixedPublicIPs},
	// flow.go: where a run goes after a task
	{"result-lost", Error, lostResults},
	{"retry-missing", Error, missingRetries},
	{"cause-hidden", Error, hiddenCauses},
	{"task-left-running", Error, tasksLeftRunning},
	{"token-unanswered", Error, unansweredTokens},
	// task.go: the task definition
	{"revision-inactive", Error, inactiveRevisions},
	{"root-user", Error, rootUsers},
	{"root-writable", Warning, writableRoots},
	{"capabilities-kept", Warning, keptCapabilities},
	{"stop-timeout", Warning, shortStops},
	{"secret-plain", Error, plainSecrets},
	{"pipe-unguarded", Error, unguardedPipes},
	{"spot-only", Error, spotOnly},
	// image.go
	{"image-tag", Error, imagesByTag},
	{"repository-public", Error, publicRepositories},
	{"repository-mutable", Error, mutableRepositories},
	{"repository-unpruned", Warning, unprunedRepositories},
	// role.go: what roles lack
	{"report-denied", Error, deniedReports},
	{"pull-denied", Error, deniedPulls},
	{"secret-denied", Error, deniedSecrets},
	{"log-denied", Error, deniedLogs},
	{"result-denied", Error, deniedResults},
	{"call-denied", Error, deniedCalls},
	{"revision-denied", Error, deniedRevisions},
	// trust.go: what roles have too much
	{"report-unbound", Error, unboundReports},
	{"action-wide", Error, wideActions},
	{"pass-role-open", Error, openPassRoles},
	{"trust-open", Error, openTrusts},
	{"role-named", Warning, namedRoles},
	// keep.go: what is kept and for how long
	{"retention-missing", Warning, missingRetentions},
	{"deletion-policy-missing", Error, missingDeletionPolicies},
	{"bucket-missing", Warning, missingBuckets},
	{"bucket-public", Error, publicBuckets},
	// watch.go: who hears of a failure
	{"machine-log-missing", Warning, missingMachineLogs},
	{"token-logged", Error, loggedTokens},
	{"alarm-missing", Warning, missingAlarms},
}

// Rules are the names of all rules, in the order of the table. "syntax", which Read gives, is not among them.
func Rules() []string {
	names := make([]string, len(rules))
	for i, r := range rules {
		names[i] = r.name
	}
	return names
}

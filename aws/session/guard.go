package session

import "github.com/stepdeck/stepdeck/aws/access"

// reads are the calls that change nothing. Whatever is not among them counts as a change: it is
// refused in read-only mode, and journalled otherwise.
var reads = access.Reads()

func isRead(service, operation string) bool {
	return reads[access.Call{Service: service, Operation: operation}]
}

// isUnbounded reports whether a call outlives the usual deadline because its answer is a stream.
// Its caller's context ends it.
func isUnbounded(service, operation string) bool {
	return service == "CloudWatch Logs" && operation == "StartLiveTail"
}

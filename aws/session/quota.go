package session

import "slices"

// Shares of an account's quota are counted per account and region, so the console
// takes a quarter and leaves the rest to the workloads that it watches.
const quotaShare = 0.25

// quota is a token bucket as AWS documents it: capacity in calls, refill in calls per second.
type quota struct {
	capacity, refill float64
}

// share is the part of the quota that this program allows itself; always at least one call deep.
func (q quota) share() quota {
	return quota{capacity: max(1, q.capacity*quotaShare), refill: q.refill * quotaShare}
}

// Share is the token bucket that the session keeps to for one API, by the SDK's
// service ID: capacity in calls, refill in calls per second.
func (s *Session) Share(service, operation string) (capacity, refill float64) {
	share := quotaOf(service, operation, s.Region()).share()
	return share.capacity, share.refill
}

// unlistedQuota stands for the calls whose quota AWS does not publish per call.
var unlistedQuota = quota{100, 20}

// quotaOf returns the account quota of one API. Sources: "Step Functions service quotas,
// API action throttling" and "CloudWatch Logs quotas".
func quotaOf(service, operation, region string) quota {
	switch service {
	case "SFN":
		return stepFunctionsQuota(operation, region)
	case "CloudWatch Logs":
		return logsQuota(operation, region)
	default:
		return unlistedQuota
	}
}

func stepFunctionsQuota(operation, region string) quota {
	large := slices.Contains([]string{"us-east-1", "us-west-2", "eu-west-1"}, region)
	pick := func(big, other quota) quota {
		if large {
			return big
		}
		return other
	}
	switch operation {
	case "StartExecution", "RedriveExecution":
		return pick(quota{1300, 300}, quota{800, 150})
	case "StopExecution":
		return pick(quota{1000, 200}, quota{500, 25})
	case "DescribeExecution":
		return pick(quota{300, 15}, quota{250, 10})
	case "ListExecutions":
		return pick(quota{200, 5}, quota{100, 2})
	case "SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat":
		return pick(quota{3000, 500}, quota{1500, 300})
	case "GetExecutionHistory":
		return quota{400, 20}
	case "ListStateMachines":
		return quota{100, 5}
	case "DescribeStateMachine":
		return quota{200, 20}
	case "DescribeStateMachineForExecution":
		return quota{200, 1}
	default:
		return quota{100, 1}
	}
}

func logsQuota(operation, region string) quota {
	slow := []string{"us-west-2", "eu-west-1", "eu-central-1", "ap-northeast-3", "ap-southeast-3", "ca-west-1", "il-central-1"}
	switch {
	case operation != "GetLogEvents":
		return quota{5, 5}
	case slices.Contains(slow, region):
		return quota{10, 10}
	case region == "eu-west-3":
		return quota{30, 30}
	default:
		return quota{25, 25}
	}
}

package access

// The SDK's service IDs.
const (
	states         = "SFN"
	containers     = "ECS"
	logs           = "CloudWatch Logs"
	cloudFormation = "CloudFormation"
	registry       = "ECR"
	parameters     = "SSM"
	network        = "EC2"
	identity       = "STS"
)

// runUses are what watching and operating runs takes.
func runUses() []Use {
	return []Use{
		// AWS: GetCallerIdentity takes no permission.
		read(Viewer, identity, "GetCallerIdentity", "who and where one is"),

		read(Viewer, states, "ListStateMachines", "the machines", allow("states:ListStateMachines", everything)),
		read(Viewer, states, "DescribeStateMachine", "a machine's definition", allow("states:DescribeStateMachine", machines)),
		read(Viewer, states, "DescribeStateMachineForExecution", "the definition a run was started with",
			allow("states:DescribeStateMachineForExecution", runs)),
		read(Viewer, states, "ListExecutions", "a machine's runs", allow("states:ListExecutions", machines)),
		read(Viewer, states, "DescribeExecution", "a run", allow("states:DescribeExecution", runs)),
		read(Viewer, states, "GetExecutionHistory", "a run's events and diagnosis", allow("states:GetExecutionHistory", runs)),

		// AWS: ListTasks knows no resource but container instances; its key ecs:cluster narrows it.
		read(Viewer, containers, "ListTasks", "orphan tasks",
			allow("ecs:ListTasks", everything).when("ArnLike", "ecs:cluster", clusterARN)),
		read(Viewer, containers, "DescribeTasks", "a run's task and how it ended", allow("ecs:DescribeTasks", tasks)),
		read(Viewer, containers, "DescribeTaskDefinition", "image, size and log group of a task",
			allow("ecs:DescribeTaskDefinition", everything)),
		read(Viewer, containers, "ListTaskDefinitions", "which images tasks can be started from",
			allow("ecs:ListTaskDefinitions", everything)),

		read(Viewer, logs, "GetLogEvents", "a task's log", allow("logs:GetLogEvents", taskLog)),
		read(Viewer, logs, "StartLiveTail", "a log while it is written", allow("logs:StartLiveTail", taskLog)),

		change(Operator, states, "StartExecution", "start a run", allow("states:StartExecution", machines)),
		change(Operator, states, "StopExecution", "stop a run", allow("states:StopExecution", runs)),
		change(Operator, states, "RedriveExecution", "redrive a run", allow("states:RedriveExecution", runs)),
		// AWS names the machine, not the run, as the resource where it denies an answer to a token.
		change(Operator, states, "SendTaskSuccess", "answer a token", allow("states:SendTaskSuccess", machines)),
		change(Operator, states, "SendTaskFailure", "fail a dead token", allow("states:SendTaskFailure", machines)),
		change(Operator, states, "SendTaskHeartbeat", "keep a token alive", allow("states:SendTaskHeartbeat", machines)),
		change(Operator, containers, "StopTask", "stop a run's task, or an orphan", allow("ecs:StopTask", tasks)),
	}
}

package machines

import (
	"strings"

	"github.com/stepdeck/stepdeck/aws/policy"
	"github.com/stepdeck/stepdeck/aws/stack/template"
	"github.com/stepdeck/stepdeck/aws/stack/template/expand"
)

// Call is an AWS call that a machine's role must be allowed.
type Call struct {
	Action   string
	Resource string // a sample ARN; "" where the definition does not tell which
	Context  policy.Context
	State    string
	Line     int
}

// tasksPrincipal is the service that takes the roles of tasks, in every partition.
const tasksPrincipal = "ecs-tasks.amazonaws.com"

// Calls are what the states of a machine call, with what AWS asks for beside them: passing the roles of a task, and
// tagging it. holders are the machines whose tokens SendTask calls answer.
func (m Machine) Calls(holders []Machine) []Call {
	var calls []Call
	for _, s := range m.States {
		call, pattern := s.Resource()
		if call == "" {
			continue
		}
		for _, c := range m.callsOf(s, call, pattern, holders) {
			c.State, c.Line = s.Name, s.Line
			calls = append(calls, c)
		}
	}
	return calls
}

func (m Machine) callsOf(s State, call, pattern string, holders []Machine) []Call {
	parts := strings.Split(strings.TrimPrefix(call, "aws-sdk:"), ":")
	if len(parts) != 2 {
		return nil
	}
	service, operation := parts[0], parts[1]
	if service == "sfn" {
		service = "states"
	}
	action := service + ":" + strings.ToUpper(operation[:min(1, len(operation))]) + operation[min(1, len(operation)):]
	switch action {
	case "ecs:RunTask":
		return m.runTask(s, pattern)
	case "ecs:StopTask":
		cluster := m.Cluster(s)
		return []Call{{Action: action, Resource: strings.Replace(cluster, ":cluster/", ":task/", 1) + "/0123456789abcdef", Context: inCluster(cluster)}}
	case "states:ListExecutions":
		return []Call{{Action: action, Resource: m.ARN()}}
	case "states:GetExecutionHistory", "states:DescribeExecution", "states:StopExecution":
		return []Call{{Action: action, Resource: strings.Replace(m.ARN(), ":stateMachine:", ":execution:", 1) + ":sample"}}
	case "states:SendTaskFailure", "states:SendTaskSuccess", "states:SendTaskHeartbeat":
		var calls []Call
		for _, holder := range holders {
			calls = append(calls, Call{Action: action, Resource: holder.ARN()})
		}
		return calls
	case "lambda:Invoke":
		action = "lambda:InvokeFunction"
	}
	return []Call{{Action: action}}
}

func (m Machine) runTask(s State, pattern string) []Call {
	cluster := m.Cluster(s)
	task := strings.Replace(cluster, ":cluster/", ":task/", 1) + "/0123456789abcdef"
	revision := m.argument(s, "TaskDefinition")
	calls := []Call{{Action: "ecs:RunTask", Resource: revision, Context: inCluster(cluster)}}
	definition, _ := m.TaskDefinition(s)
	for _, name := range []string{"ExecutionRoleArn", "TaskRoleArn"} {
		if role := expand.Reference(template.Field(definition.Properties, name)); role != "" {
			calls = append(calls, Call{
				Action: "iam:PassRole", Resource: m.expander.ARN(role),
				Context: policy.Context{"iam:PassedToService": {tasksPrincipal}},
			})
		}
	}
	if template.Field(s.Arguments(), "PropagateTags") != nil || template.Field(s.Arguments(), "Tags") != nil {
		calls = append(calls, Call{Action: "ecs:TagResource", Resource: task, Context: policy.Context{"ecs:CreateAction": {"RunTask"}}})
	}
	if pattern == "sync" {
		calls = append(calls,
			Call{Action: "ecs:DescribeTasks", Resource: task, Context: inCluster(cluster)},
			Call{Action: "ecs:StopTask", Resource: task, Context: inCluster(cluster)},
			Call{Action: "events:PutRule"}, Call{Action: "events:PutTargets"}, Call{Action: "events:DescribeRule"})
	}
	return calls
}

// TaskDefinition is the resource of the template that the state starts tasks of.
func (m Machine) TaskDefinition(s State) (template.Resource, bool) {
	node := m.Substituted(template.Field(s.Arguments(), "TaskDefinition"))
	return m.expander.Resource(expand.Reference(node))
}

func (m Machine) argument(s State, name string) string {
	return m.Text(template.Text(template.Field(s.Arguments(), name)))
}

// Cluster is the ARN of the cluster of a state that calls ECS, also where the definition gives a name.
func (m Machine) Cluster(s State) string {
	cluster := m.argument(s, "Cluster")
	if strings.HasPrefix(cluster, "arn:") {
		return cluster
	}
	return m.expander.ClusterARN(cluster)
}

func inCluster(cluster string) policy.Context { return policy.Context{"ecs:cluster": {cluster}} }

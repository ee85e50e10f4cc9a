package infra

// Container is the name of the container that the job runs in.
const Container = "job"

// The names that the template gives to what stack makes.

// Machine is the state machine that runs jobs.
func Machine(stack string) string { return stack + "-run" }

// Reaper is the state machine that answers for tasks which stopped without an answer.
func Reaper(stack string) string { return stack + "-reap" }

// Family is the family of the task definition.
func Family(stack string) string { return stack + "-task" }

// Cluster is the ECS cluster.
func Cluster(stack string) string { return stack }

// LogGroup is the log group of the tasks.
func LogGroup(stack string) string { return "/aws/ecs/" + stack + "/task" }

// Bucket is the bucket of dumps and other results.
func Bucket(stack, account, region string) string {
	return stack + "-artifacts-" + account + "-" + region
}

// UserSecret is the SSM parameter with the database user, unless another is given.
func UserSecret(stack string) string { return "/" + stack + "/db/user" }

// PasswordSecret is the SSM parameter with the database password, unless another is given.
func PasswordSecret(stack string) string { return "/" + stack + "/db/password" }

package resources

import (
	"crypto/rand"
	"strings"
)

// randomLength is how long the random end of a name is.
const randomLength = 12

// physical is the name that the property gives, or STACK-LOGICAL-RANDOM of at
// most so many characters.
func physical(env Env, logical string, p Properties, property string, longest int) string {
	if given := str(p, property); given != "" {
		return given
	}
	front := env.StackName + "-" + logical
	return front[:min(len(front), longest-randomLength-1)] + "-" + rand.Text()[:randomLength]
}

// physicalLower is physical for names without capitals.
func physicalLower(env Env, logical string, p Properties, property string, longest int) string {
	if given := str(p, property); given != "" {
		return given
	}
	return strings.ToLower(physical(env, logical, p, property, longest))
}

// arn is an ARN in the stack's region and account.
func (e Env) arn(service, resource string) string {
	return "arn:" + e.Partition + ":" + service + ":" + e.Region + ":" + e.Account + ":" + resource
}

package triage

import (
	"cmp"
	"regexp"
	"strings"
)

var (
	actionName = regexp.MustCompile(`\b([a-z][a-z0-9-]{1,30}:[A-Z][A-Za-z]{2,60}|SendTask(?:Success|Failure|Heartbeat))\b`)
	roleName   = regexp.MustCompile(`arn:aws[\w-]*:(?:sts|iam)::\d*:(?:assumed-role|role|user)/[\w+=,.@/-]+`)
	onResource = regexp.MustCompile(`(?i)on(?: the)? resource:? "?(arn:[^\s",;]+)`)
)

// denial names who may not do what, and quotes where the text does not tell.
func (c *study) denial(kind Kind, quote string) string {
	text := c.best.cause.Text.Or(c.best.fact.Text).String()
	who := "the role"
	if m := roleName.FindString(text); m != "" {
		who = roleShort(m)
	}
	action := qualified(actionName.FindString(text))
	what := who + " may not call " + action
	switch kind {
	case PassRoleDenied:
		action, what = "iam:PassRole", "the machine's role may not pass the task's role to ECS (iam:PassRole)"
	case RunTaskDenied:
		action, what = "ecs:RunTask", "the machine's role may not start the task (ecs:RunTask)"
	case CallbackDenied:
		what = "the task role may not answer its token (" + cmp.Or(action, "states:SendTask*") + ")"
	}
	m := onResource.FindStringSubmatch(text)
	switch {
	case action == "" && kind == PermissionDenied:
		return who + " lacks a permission: " + quote
	case m == nil:
		return what + ": " + quote
	}
	return what + " on " + strings.TrimRight(m[1], ".")
}

func qualified(action string) string {
	if strings.HasPrefix(action, "SendTask") {
		return "states:" + action
	}
	return action
}

// roleShort names a role or user in an ARN; of an assumed role the role.
func roleShort(arn string) string {
	parts := strings.Split(arn, "/")
	switch {
	case len(parts) >= 2 && strings.Contains(parts[0], ":assumed-role"):
		return "role " + parts[1]
	case strings.HasSuffix(parts[0], ":user"):
		return "user " + parts[len(parts)-1]
	}
	return "role " + parts[len(parts)-1]
}

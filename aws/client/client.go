// Package client implements the ports of ops on aws-sdk-go-v2. Here, and nowhere later, text
// from AWS is made safe to draw. Errors come from the session, already in words.
package client

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/session"
)

// New returns all ports, on the session's account and region. Nothing is sent before the first call.
func New(s *session.Session) ops.Ports {
	cfg := s.Config()
	m := &states{api: sfn.NewFromConfig(cfg)}
	e := &tasks{api: ecs.NewFromConfig(cfg)}
	return ops.Ports{
		Machines: m, Runs: m, Histories: m, Starter: m, Stopper: m, Redriver: m, Tokens: m,
		Tasks: e, TaskDefinitions: e,
		Logs: &logs{api: cloudwatchlogs.NewFromConfig(cfg), config: cfg, session: s},
	}
}

// optional turns "" into an absent field: AWS refuses empty strings where it allows none.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return aws.String(s)
}

package client

import (
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/stepdeck/stepdeck/aws/session"
	"github.com/stepdeck/stepdeck/aws/stack"
)

// Stack returns the ports of the stack's use cases, on the session's account and region. Nothing is sent before the first call.
func Stack(s *session.Session) stack.Ports {
	cfg := s.Config()
	return stack.Ports{
		Stacks: newStacks(cfg), Network: newNetworks(cfg), Secrets: newSecrets(cfg),
		Images: Images(s), Tasks: &tasks{api: ecs.NewFromConfig(cfg)},
	}
}

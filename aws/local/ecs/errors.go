package ecs

import "github.com/stepdeck/stepdeck/aws/local/wire"

// Error types of ECS.
const (
	clientException   = "ClientException"
	clusterContains   = "ClusterContainsTasksException"
	clusterNotFound   = "ClusterNotFoundException"
	conflictException = "ConflictException"
	invalidParameter  = "InvalidParameterException"
	platformUnknown   = "PlatformUnknownException"
	resourceNotFound  = "ResourceNotFoundException"
	serverException   = "ServerException"
)

// Failure is one resource that an answer could not give.
type Failure struct {
	Arn    string `json:"arn,omitempty"`
	Reason string `json:"reason"`
	Detail string `json:"detail,omitempty"`
}

func client(format string, args ...any) error { return wire.Errorf(clientException, format, args...) }

func invalid(format string, args ...any) error {
	return wire.Errorf(invalidParameter, format, args...)
}

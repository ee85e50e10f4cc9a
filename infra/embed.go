// Package infra holds the stack that stepdeck deploys: its template and its machine definitions.
package infra

import "embed"

// The machines that Definition knows.
const (
	// Run starts a task and waits for its token. Standard.
	Run = "run"
	// Reap fails the token of a task that stopped without an answer. Express.
	Reap = "reap"
)

// TemplateName is the file that Template is read from; its DefinitionUris are relative to it.
const TemplateName = "template.yaml"

//go:embed template.yaml *.asl.yaml
var files embed.FS

// Source returns a machine's definition as it is written: States Language in YAML with ${Name} substitutions.
func Source(machine string) ([]byte, error) {
	return files.ReadFile(machine + ".asl.yaml")
}

// Template returns the CloudFormation template of the stack as it is written: YAML with short tags, the machines by
// DefinitionUri.
func Template() ([]byte, error) {
	return files.ReadFile(TemplateName)
}

// File returns a file that the template names, such as "run.asl.yaml".
func File(name string) ([]byte, error) {
	return files.ReadFile(name)
}

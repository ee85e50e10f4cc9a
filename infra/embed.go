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

//go:embed *.asl.yaml
var definitions embed.FS

// Source returns a machine's definition as it is written: States Language in YAML with ${Name} substitutions.
func Source(machine string) ([]byte, error) {
	return definitions.ReadFile(machine + ".asl.yaml")
}

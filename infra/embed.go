// Package infra holds the stack that stepdeck deploys: its template and its machine definitions.
package infra

import "embed"

// TemplateName is the file that Template is read from; its DefinitionUris are relative to it.
const TemplateName = "template.yaml"

//go:embed template.yaml *.asl.yaml
var files embed.FS

// Template returns the CloudFormation template of the stack as it is written: YAML with short tags, the machines by
// DefinitionUri.
func Template() ([]byte, error) {
	return files.ReadFile(TemplateName)
}

// File returns a file that the template names, such as "run.asl.yaml".
func File(name string) ([]byte, error) {
	return files.ReadFile(name)
}

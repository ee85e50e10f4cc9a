package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"strings"

	"github.com/stepdeck/stepdeck/aws/ops"
)

// targetFields names, most telling first, the input fields that say what a call changes.
var targetFields = []string{
	"ExecutionArn", "StateMachineArn", "StateMachineAliasArn", "ActivityArn", "MapRunArn", "ResourceArn",
	"Task", "TaskDefinition", "Cluster", "StackName", "ChangeSetName", "RepositoryName",
	"LogGroupName", "Bucket", "Name",
}

// journalTarget is what the caller named, with what the call's input tells besides.
func journalTarget(ctx context.Context, input any) string {
	named, told := ops.Target(ctx), targetOf(input)
	switch {
	case named == "" || named == told:
		return told
	case told == "":
		return named
	default:
		return named + ", " + told
	}
}

// targetOf reads out of a call's input what the call changes. The inputs of the SDK share
// field names but no interface, hence the reflection.
func targetOf(input any) string {
	v := reflect.Indirect(reflect.ValueOf(input))
	if v.Kind() != reflect.Struct {
		return ""
	}
	if token := stringField(v, "TaskToken"); token != "" {
		return fingerprint(token)
	}
	for _, name := range targetFields {
		if s := stringField(v, name); s != "" {
			return s + partOf(v, name)
		}
	}
	return ""
}

// fingerprint stands for a task token, which is a secret.
func fingerprint(token string) string {
	sum := sha256.Sum256([]byte(token))
	return "task token #" + hex.EncodeToString(sum[:6])
}

// withoutSecrets takes the call's task token, or the value of the parameter that it sets, out of a
// text: AWS quotes values that it refuses.
func withoutSecrets(text string, input any) string {
	v := reflect.Indirect(reflect.ValueOf(input))
	if v.Kind() != reflect.Struct {
		return text
	}
	if token := stringField(v, "TaskToken"); token != "" {
		text = strings.ReplaceAll(text, token, fingerprint(token))
	}
	if value := stringField(v, "Value"); value != "" {
		text = strings.ReplaceAll(text, value, "***")
	}
	return text
}

// partOf tells which part of the named thing is meant: the object of a bucket, the run that a machine starts.
func partOf(v reflect.Value, name string) string {
	switch {
	case name == "Bucket" && stringField(v, "Key") != "":
		return "/" + stringField(v, "Key")
	case name == "StateMachineArn" && stringField(v, "Name") != "":
		return ", run " + stringField(v, "Name")
	default:
		return ""
	}
}

func stringField(v reflect.Value, name string) string {
	f := v.FieldByName(name)
	if f.Kind() == reflect.Pointer && !f.IsNil() {
		f = f.Elem()
	}
	if f.Kind() != reflect.String {
		return ""
	}
	return f.String()
}

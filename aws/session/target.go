package session

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"
)

// targetFields names, most telling first, the input fields that say what a call changes.
var targetFields = []string{
	"ExecutionArn", "StateMachineArn", "StateMachineAliasArn", "ActivityArn", "MapRunArn", "ResourceArn",
	"Task", "TaskDefinition", "Cluster", "StackName", "ChangeSetName", "RepositoryName",
	"LogGroupName", "Bucket", "Name",
}

// targetOf reads out of a call's input what the call changes. The inputs of the SDK share
// field names but no interface, hence the reflection.
func targetOf(input any) string {
	v := reflect.Indirect(reflect.ValueOf(input))
	if v.Kind() != reflect.Struct {
		return ""
	}
	if token := stringField(v, "TaskToken"); token != "" {
		sum := sha256.Sum256([]byte(token))
		return "task token #" + hex.EncodeToString(sum[:6])
	}
	for _, name := range targetFields {
		if s := stringField(v, name); s != "" {
			if key := stringField(v, "Key"); name == "Bucket" && key != "" {
				return s + "/" + key
			}
			return s
		}
	}
	return ""
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

package asl

import (
	"fmt"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/asl/expr"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// Checks of the fields that one type of state has.

func (s stateCheck) task() {
	s.required(s.fields, s.at, "Resource")
	s.text(s.fields, s.at, "Resource")
	if resource, ok := s.fields.Get("Resource"); ok && isType[string](resource) {
		s.resource(resource.(string))
	}
	for _, name := range []string{"TimeoutSeconds", "HeartbeatSeconds"} {
		s.exclusive(s.fields, s.at, false, name, name+"Path")
		s.number(s.fields, s.at, name, numeric{integer: true, expression: s.jsonata, min: 1, max: maxTimeout})
		s.path(s.fields, s.at, name+"Path", pathField{})
	}
	if v, ok := s.fields.Get("Credentials"); ok {
		credentials, _ := v.(*jsonv.Object)
		if !has(credentials, "RoleArn") && (s.jsonata || !has(credentials, "RoleArn.$")) {
			s.schema(s.at+"/Credentials", "The field 'RoleArn' is required but was missing")
		}
		s.payload(s.fields, s.at, "Credentials")
	}
}

func (s stateCheck) resource(arn string) {
	at := s.at + "/Resource"
	if !strings.HasPrefix(arn, "arn:") || strings.Count(arn, ":") < 5 {
		s.schema(at, "Value is not a valid resource ARN")
		return
	}
	if !s.express {
		return
	}
	switch {
	case strings.HasSuffix(arn, ".waitForTaskToken"):
		// The recorded text has two spaces before "at".
		s.schema(at, "Express state machine does not support '.waitForTaskToken' service integration ")
	case strings.HasSuffix(arn, ".sync"), strings.HasSuffix(arn, ".sync:2"):
		s.schema(at, "Express state machine does not support '.sync' service integration")
	case strings.Contains(arn, ":activity:"):
		s.schema(at, "Express state machine does not support Activity ARN")
	}
}

func (s stateCheck) wait() {
	s.exclusive(s.fields, s.at, true, "SecondsPath", "Seconds", "TimestampPath", "Timestamp")
	s.number(s.fields, s.at, "Seconds", numeric{integer: true, expression: s.jsonata, min: 0, max: maxTimeout})
	s.path(s.fields, s.at, "SecondsPath", pathField{})
	s.path(s.fields, s.at, "TimestampPath", pathField{})
	v, ok := s.fields.Get("Timestamp")
	source, _ := v.(string)
	switch {
	case !ok:
	case s.jsonata && expr.Opens(source):
		s.expression(s.at+"/Timestamp", source)
	default:
		s.timestamp(s.at+"/Timestamp", v)
	}
}

func (s stateCheck) fail() {
	for _, name := range []string{"Error", "Cause"} {
		s.exclusive(s.fields, s.at, false, name, name+"Path")
		s.text(s.fields, s.at, name)
		s.path(s.fields, s.at, name+"Path", pathField{intrinsic: true})
		if s.jsonata {
			s.payload(s.fields, s.at, name)
		}
	}
}

func (s stateCheck) parallel() {
	s.required(s.fields, s.at, "Branches")
	for i, fields := range s.objects(s.fields, s.at, "Branches", false) {
		s.machine(scope{fields: fields, kind: branch, at: fmt.Sprintf("%s/Branches[%d]", s.at, i), jsonata: s.outer})
	}
}

func (s stateCheck) mapState() {
	s.exclusive(s.fields, s.at, true, "ItemProcessor", "Iterator")
	for _, name := range []string{"ItemProcessor", "Iterator"} {
		if v, ok := s.fields.Get(name); ok {
			s.processor(s.at+"/"+name, v)
		}
	}
	s.exclusive(s.fields, s.at, false, "ItemSelector", "Parameters")
	s.path(s.fields, s.at, "ItemsPath", pathField{})
	s.items()
	limits := map[string]numeric{
		"MaxConcurrency":             {integer: true, expression: s.jsonata},
		"ToleratedFailureCount":      {integer: true, expression: s.jsonata},
		"ToleratedFailurePercentage": {expression: s.jsonata, max: 100},
	}
	for _, name := range []string{"MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage"} {
		s.exclusive(s.fields, s.at, false, name, name+"Path")
		s.number(s.fields, s.at, name, limits[name])
		s.path(s.fields, s.at, name+"Path", pathField{})
	}
}

func (s stateCheck) items() {
	v, ok := s.fields.Get("Items")
	if !ok {
		return
	}
	if source, isString := v.(string); isString && !expr.Opens(source) || !isString && !isType[[]any](v) {
		s.schema(s.at+"/Items", "Expected value of type Array or a JSONata expression")
		return
	}
	s.expressions(s.at+"/Items", v)
}

func (s stateCheck) processor(at string, v any) {
	fields, ok := v.(*jsonv.Object)
	if !ok {
		s.schema(at, "Expected value of type Object")
		return
	}
	if config := object(fields, "ProcessorConfig"); config != nil {
		s.oneOf(config, at+"/ProcessorConfig", "Mode", "INLINE", "DISTRIBUTED")
		s.oneOf(config, at+"/ProcessorConfig", "ExecutionType", "STANDARD", "EXPRESS")
		distributed := text(config, "Mode") == "DISTRIBUTED"
		if distributed {
			s.required(config, at+"/ProcessorConfig", "ExecutionType")
		} else if has(config, "ExecutionType") {
			s.schema(at+"/ProcessorConfig", "Field 'ExecutionType' is not supported")
		}
	}
	s.machine(scope{fields: fields, kind: processor, at: at, jsonata: s.outer})
}

package asl

import (
	"regexp"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// fieldsOf are the fields each type takes besides commonFields.
var fieldsOf = map[string]string{
	Pass:     "InputPath OutputPath Result ResultPath Parameters Output Assign Next End",
	Task:     "InputPath OutputPath ResultPath Parameters Arguments Output Assign Resource Credentials ResultSelector Retry Catch TimeoutSeconds TimeoutSecondsPath HeartbeatSeconds HeartbeatSecondsPath Next End",
	Wait:     "InputPath OutputPath Output Assign Seconds Timestamp SecondsPath TimestampPath Next End",
	Parallel: "InputPath OutputPath ResultPath Parameters Arguments Output Assign ResultSelector Retry Catch Branches Next End",
	Map:      "InputPath OutputPath ResultPath Parameters Output Assign ResultSelector Retry Catch ItemProcessor Iterator ItemsPath Items ItemSelector ItemReader ItemBatcher ResultWriter MaxConcurrency MaxConcurrencyPath ToleratedFailurePercentage ToleratedFailurePercentagePath ToleratedFailureCount ToleratedFailureCountPath Label Next End",
	Choice:   "InputPath OutputPath Output Assign Choices Default",
	Succeed:  "InputPath OutputPath Output",
	Fail:     "Error Cause ErrorPath CausePath",
}

const commonFields = "Type Comment QueryLanguage"

// typeNames is how AWS lists the types.
var typeNames = []string{Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map}

var (
	onlyJSONPath = strings.Fields("InputPath OutputPath ResultPath Parameters ResultSelector Result ItemsPath TimeoutSecondsPath HeartbeatSecondsPath SecondsPath TimestampPath MaxConcurrencyPath ToleratedFailurePercentagePath ToleratedFailureCountPath ErrorPath CausePath")
	onlyJSONata  = strings.Fields("Arguments Output Items")

	variableName = regexp.MustCompile(`^[\p{L}_][\p{L}\p{Nd}_]*$`)
)

// stateCheck is one state under check.
type stateCheck struct {
	*checker
	fields  *jsonv.Object
	at      string
	outer   bool // the machine speaks JSONata
	jsonata bool
}

func (c *checker) state(s stateCheck) {
	kind := text(s.fields, "Type")
	if !has(s.fields, "Type") {
		c.required(s.fields, s.at, "Type")
		return
	}
	if !slices.Contains(typeNames, kind) {
		c.schema(s.at+"/Type", "The field 'Type' should have one of these values: [%s]", strings.Join(typeNames, ", "))
		return
	}
	c.text(s.fields, s.at, "Comment")
	c.oneOf(s.fields, s.at, "QueryLanguage", languageJSONPath, languageJSONata)
	if s.outer && text(s.fields, "QueryLanguage") == languageJSONPath {
		c.schema(s.at, "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine")
	}
	s.jsonata = speaksJSONata(s.fields, s.outer)
	s.language(s.fields, s.at)
	c.only(s.fields, s.at, append(strings.Fields(fieldsOf[kind]), strings.Fields(commonFields)...))
	s.next(kind)
	s.data()
	s.retriers()
	s.catchers()
	switch kind {
	case Task:
		s.task()
	case Wait:
		s.wait()
	case Choice:
		s.choice()
	case Fail:
		s.fail()
	case Parallel:
		s.parallel()
	case Map:
		s.mapState()
	}
}

// language reports fields of the other query language.
func (s stateCheck) language(o *jsonv.Object, at string) {
	mine, other, foreign := languageJSONPath, languageJSONata, onlyJSONata
	if s.jsonata {
		mine, other, foreign = languageJSONata, languageJSONPath, onlyJSONPath
	}
	for _, name := range o.Keys() {
		if slices.Contains(foreign, name) {
			s.schema(at, "The QueryLanguage is set to '%s', but field '%s' is only supported for the '%s' QueryLanguage", mine, name, other)
		}
	}
}

func (s stateCheck) next(kind string) {
	if !strings.Contains(fieldsOf[kind], "Next") {
		return
	}
	s.text(s.fields, s.at, "Next")
	s.boolean(s.fields, s.at, "End")
	end, _ := s.fields.Get("End")
	switch {
	case end == true && has(s.fields, "Next"):
		s.schema(s.at, "There should only be one of the following fields: [Next, End]")
	case end != true && !has(s.fields, "Next"):
		s.schema(s.at, "This object should have only one of the following fields: [Next, End]")
	}
}

// data checks the fields of the data flow.
func (s stateCheck) data() {
	s.path(s.fields, s.at, "InputPath", pathField{null: true})
	s.path(s.fields, s.at, "OutputPath", pathField{null: true})
	s.path(s.fields, s.at, "ResultPath", pathField{null: true, reference: true})
	for _, name := range []string{"Parameters", "ResultSelector", "ItemSelector", "Arguments", "Output"} {
		s.payload(s.fields, s.at, name)
	}
	s.assign(s.fields, s.at)
}

// payload checks a template in the language of the state.
func (s stateCheck) payload(o *jsonv.Object, at, name string) {
	v, ok := o.Get(name)
	if !ok {
		return
	}
	if s.jsonata {
		s.expressions(at+"/"+name, v)
	} else {
		s.template(at+"/"+name, v)
	}
}

func (s stateCheck) assign(o *jsonv.Object, at string) {
	v, ok := o.Get("Assign")
	if !ok {
		return
	}
	at += "/Assign"
	variables, isObject := v.(*jsonv.Object)
	if !isObject {
		s.schema(at, "Expected value of type Object")
		return
	}
	for _, key := range variables.Keys() {
		name := key
		if !s.jsonata {
			name = strings.TrimSuffix(key, ".$")
		}
		switch {
		case name == "states":
			s.report(codeReservedName, at, "Cannot assign to reserved variable '$states'.")
		case len([]rune(name)) > maxStateName:
			s.report(codeVariableName, at, "Invalid variable name '%s': the variable name is longer than %d characters.", name, maxStateName)
		case !variableName.MatchString(name):
			s.report(codeVariableName, at, "Invalid variable name '%s': the variable name contains invalid characters.", name)
		}
	}
	s.payload(o, strings.TrimSuffix(at, "/Assign"), "Assign")
}

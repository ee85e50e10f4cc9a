package triage

// statesRules read the errors that Step Functions itself raises. An error whose
// name starts with States is AWS's own and cannot be given by a job.
var statesRules = []rule{
	on(HistoryFull, inCause, 98,
		"history event|history events|event history|execution history|events in the history|number of events|event limit",
		"maximum|limit|25000|25 000|exceed|too many"),
	on(ParameterType, inCause, 97,
		"could not be used to start the task|value for the field|not supported by step functions",
		"must be|not supported|required|has to be|expected|invalid type|wrong type",
		"!jsonpath|invalid path|jsonata"),
	on(ExpressionError, inError, 97, "queryevaluation"),
	on(ExpressionError, inCause, 94, "jsonata", "expression|evaluat|returned|undefined|threw"),
	on(NoChoiceMatched, inError, 97, "nochoicematched"),
	on(NoChoiceMatched, inCause, 92,
		"choice",
		"no choice|no default|failed to transition|none of the|did not match|no match|not matched|unmatched"),
	// Only a Choice without a Default has no next state at times.
	on(NoChoiceMatched, inCause, 92, "failed to transition out of the state", "not point to a next state"),
	on(DefinitionError, inError, 95, "parameterpathfailure|resultpathmatchfailure|intrinsicfailure|states.itemreaderfailed"),
	on(DefinitionError, inCause, 93,
		"jsonpath|invalid path|path $|reference path|intrinsic|inputpath|outputpath|resultpath|itemspath|secondspath|"+
			"timestamppath|items path|payload template",
		"!jsonata|executable"),
	on(DefinitionError, inCause, 70,
		"error occurred while executing the state|occurred while scheduling the state|entered at the event id",
		"!history event|could not be used to start the task"),
	on(MapItemsFailed, inError|inCause, 94,
		"toleratedfailure|tolerated failure|failure threshold|tolerance threshold|tolerated threshold|failed items"),
	on(InputInvalid, inError, 95, "invalidinput|inputinvalid|validationfailed|badinput|inputvalidation|invalidargument"),
	on(InputInvalid, inCause, 90,
		"input field|input must|the input|input parameter",
		"must be|unknown|invalid|required|missing|not valid|is wrong",
		"!output|invalid path|jsonpath|could not be found in the input|expression|input value"),
}

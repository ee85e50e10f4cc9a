package triage

// tokenRules read what Step Functions said to a job that answered its token,
// and what the entrypoint itself found wrong with an answer.
var tokenRules = []rule{
	on(OutputTooLarge, inError, 96, "datalimitexceeded|outputtoolarge|payloadtoolarge|outputsizeexceeded"),
	on(OutputTooLarge, inText, 94,
		"262144|256 kb|256kb|256 kib|maximum number of bytes|payload size|data limit",
		"output|result|size|length|exceed|payload|bytes",
		"!override"),
	on(OutputTooLarge, inJob, 70,
		"output|result|payload",
		"too large|too big|too long|exceeds the maximum|exceeds the limit|size limit|exceeds maximum|larger than",
		"!override|packet|table|log file"),
	on(OutputInvalid, inError, 96, "outputinvalid|invalidoutput"),
	on(OutputInvalid, inJob, 94,
		"invalidoutput|invalid output|output file is wrong|output|result",
		"invalidoutput|not json|valid json|as json|be json|invalid json|not valid json|json parse|unrecognized token|malformed|"+
			"must be json|parse|invalid output|not a valid json|is wrong|unexpected character|syntax error",
		"!log output|sql syntax"),

	on(TokenRejected, inJob, 94,
		"invalid token|invalidtoken|token is invalid|malformed token|token is not valid|bad token|token not valid|"+
			"not a valid token|unrecognized token|token malformed",
		"sendtask|send task|task token|tasktoken|task_token|states|stepfunctions|step functions|sfn",
		"!csrf"),
	on(TokenRejected, inJob, 94,
		"tasktoken|task_token|task token|sfn_token|callback_token|callback token",
		"unbound|not set|empty|undefined|is missing|missing required|unset|failed to satisfy|min length|invalid length|"+
			"parameter not set|is required|not provided|expected one argument|not defined|keyerror|must be set"),
	on(TokenRejected, inJob, 93,
		"tasktimedout|taskdoesnotexist|task timed out|task does not exist|token is closed|provided task does not exist|"+
			"task token",
		"sendtask|send task|provided task|states|token is closed|expired|no longer valid|does not exist anymore|not exist|"+
			"already been used|stale",
		"!not needed"),
	on(TokenRejected, inJob, 88,
		"callback|task token|tasktoken|step functions|stepfunctions",
		"invalidtoken|token was rejected|token rejected|token was refused|token refused|tasktimedout|taskdoesnotexist"),
	on(TokenRejected, inJob, 80, "invalid token invalid token|task timed out provided task does not exist"),
}

package triage

// permissionRules read refusals of IAM. The action named in the text decides;
// one that is not named leaves the general kind.
var permissionRules = []rule{
	on(PassRoleDenied, inText, 97,
		"passrole|pass role|pass the role|pass this role|passing the role|pass it to|passing role|pass the execution role|"+
			"pass the task role",
		refused+"|cannot|failed"),
	on(CallbackDenied, inText, 96, "sendtask|send task|states:send", refused),
	on(CallbackDenied, inError, 70, "accessdenied"),
	on(RunTaskDenied, inText, 96, "ecs:runtask|runtask|run task|ecs run", refused, "!passrole|pass role|pass the role"),
	on(ImagePull, inStop, 96, "ecr:|ecr public:|batchgetimage|getauthorizationtoken|getdownloadurl", refused),
	on(SecretFetch, inStop, 96, "secretsmanager:|getsecretvalue|ssm:|getparameter|kms:|kms key", refused),
	on(LogSetup, inStop, 96, "logs:|createlogstream|createloggroup|putlogevents", refused),
	on(PermissionDenied, inAPI, 90,
		"not authorized to perform|accessdenied|explicit deny|no identity based policy|unauthorizedoperation|access denied|"+
			"is not authorized|access is denied",
		"!for user|image|secret|registry"),
	on(PermissionDenied, inError, 84, "accessdenied|permissions|unauthorizedoperation|notauthorized"),
	on(PermissionDenied, inJob, 82,
		"not authorized to perform|accessdenied|explicit deny|no identity based policy|unauthorizedoperation|403 forbidden|"+
			"authorizationerror|access denied when calling|no resource based policy",
		"!for user"),
	on(PermissionDenied, inJob, 80,
		"denied|forbidden|not allowed",
		" s3:| kms:| ssm:| sts:| ecs:| ecr:| logs:| secretsmanager:| dynamodb:| rds:|bucket policy|iam policy|role policy|"+
			"policy denies"),
	on(PermissionDenied, inLog, 72,
		"access denied|forbidden|not authorized",
		"s3|bucket|putobject|getobject|headobject|listobjects|kms|secretsmanager|upload|aws|operation|role",
		"!for user|mysql|database"),

	on(Credentials, inText, 86,
		"unable to locate credentials|no valid credential|nocredentialproviders|no credential|credentials could not be loaded|"+
			"could not load credentials|unable to load credentials|unrecognizedclient|invalidclienttokenid|signaturedoesnotmatch|"+
			"invalidaccesskeyid|security token included in the request is|failed to refresh cached credentials|"+
			"credentials not found|no ec2 imds role"),
	on(Credentials, inText, 84,
		"expiredtoken|token has expired|credentials have expired|credentials expired|token is expired|credentials are expired|"+
			"token included in the request is expired|session expired|session has expired",
		"!task token|sendtask"),
}

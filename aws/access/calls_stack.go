package access

// stackUses are what looking at and changing the stack takes.
func stackUses() []Use {
	return []Use{
		read(Viewer, cloudFormation, "DescribeStacks", "the stack's status, parameters and outputs",
			allow("cloudformation:DescribeStacks", stack)),
		read(Viewer, cloudFormation, "ListStackResources", "its resources", allow("cloudformation:ListStackResources", stack)),
		read(Viewer, cloudFormation, "DescribeStackEvents", "what a deployment did", allow("cloudformation:DescribeStackEvents", stack)),
		read(Viewer, cloudFormation, "DescribeEvents", "why a plan was refused",
			allow("cloudformation:DescribeEvents", stack), allow("cloudformation:DescribeEvents", changeSets)),
		read(Viewer, cloudFormation, "GetTemplate", "the template that is deployed", allow("cloudformation:GetTemplate", stack)),
		read(Viewer, cloudFormation, "DescribeStackResourceDrifts", "what drifted when it was last looked at",
			allow("cloudformation:DescribeStackResourceDrifts", stack)),
		read(Viewer, cloudFormation, "ListChangeSets", "whether a stack that was only planned is ours", allow("cloudformation:ListChangeSets", stack)),
		read(Viewer, network, "DescribeVpcs", "the networks that fit", allow("ec2:DescribeVpcs", everything)),
		read(Viewer, network, "DescribeSubnets", "their subnets", allow("ec2:DescribeSubnets", everything)),
		read(Viewer, network, "DescribeRouteTables", "whether a subnet has a way out", allow("ec2:DescribeRouteTables", everything)),
		read(Viewer, network, "DescribeVpcEndpoints", "whether an endpoint stands in for it", allow("ec2:DescribeVpcEndpoints", everything)),
		read(Viewer, parameters, "DescribeParameters", "whether secrets exist, never their values", allow("ssm:DescribeParameters", everything)),

		// AWS: reads each resource on behalf of the caller, see the template's resources.
		read(Deployer, cloudFormation, "DetectStackDrift", "look for drift", allow("cloudformation:DetectStackDrift", stack),
			allow("cloudformation:DetectStackResourceDrift", stack), allow("cloudformation:BatchDescribeTypeConfigurations", everything)),
		read(Deployer, cloudFormation, "DescribeStackDriftDetectionStatus", "wait for its result",
			allow("cloudformation:DescribeStackDriftDetectionStatus", everything)),
		read(Deployer, cloudFormation, "DescribeChangeSet", "what a plan would do",
			allow("cloudformation:DescribeChangeSet", stack), allow("cloudformation:DescribeChangeSet", changeSets)),
		change(Deployer, cloudFormation, "CreateChangeSet", "make a plan",
			allow("cloudformation:CreateChangeSet", stack), allow("cloudformation:TagResource", stack), allow("cloudformation:UntagResource", stack),
			allow("cloudformation:CreateChangeSet", transform)),
		change(Deployer, cloudFormation, "DeleteChangeSet", "drop a plan",
			allow("cloudformation:DeleteChangeSet", stack), allow("cloudformation:DeleteChangeSet", changeSets)),
		change(Deployer, cloudFormation, "ExecuteChangeSet", "deploy a plan",
			allow("cloudformation:ExecuteChangeSet", stack), allow("cloudformation:ExecuteChangeSet", changeSets)),
		change(Deployer, cloudFormation, "ContinueUpdateRollback", "the way out of a rollback that failed",
			allow("cloudformation:ContinueUpdateRollback", stack)),
		change(Deployer, cloudFormation, "DeleteStack", "delete the stack", allow("cloudformation:DeleteStack", stack)),
		change(Deployer, parameters, "PutParameter", "set a secret",
			allow("ssm:PutParameter", secrets),
			allow("kms:Encrypt", keys).when("StringLike", "kms:ViaService", "ssm.*.amazonaws.com*")),
	}
}

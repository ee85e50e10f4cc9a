package access

// imageUses are what looking at and pushing the image takes.
func imageUses() []Use {
	return []Use{
		read(Viewer, registry, "DescribeRepositories", "where the image is kept", allow("ecr:DescribeRepositories", repository)),
		read(Viewer, registry, "DescribeImages", "the images there, and which is newest", allow("ecr:DescribeImages", repository)),
		read(Viewer, registry, "DescribeImageScanFindings", "what the scan found", allow("ecr:DescribeImageScanFindings", repository)),
		// The token is the login of the registry's own protocol, which asks for the rest by itself.
		read(Deployer, registry, "GetAuthorizationToken", "log in to the registry, to push", allow("ecr:GetAuthorizationToken", everything),
			allow("ecr:BatchCheckLayerAvailability", repository), allow("ecr:BatchGetImage", repository),
			allow("ecr:GetDownloadUrlForLayer", repository), allow("ecr:InitiateLayerUpload", repository),
			allow("ecr:UploadLayerPart", repository), allow("ecr:CompleteLayerUpload", repository), allow("ecr:PutImage", repository)),
	}
}

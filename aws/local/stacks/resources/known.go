package resources

// Known is every kind of resource that stacks of local AWS may have, by type.
func Known() map[string]Kind {
	known := map[string]Kind{}
	for _, kind := range []Kind{
		alarm(), bucket(), bucketPolicy(), capacityProviders(), cluster(), logGroup(), machine(), policy(), queue(), queuePolicy(),
		repository(), role(), rolePolicy(), rule(), schedule(), securityGroup(), taskDefinition(),
	} {
		known[kind.Type] = kind
	}
	return known
}

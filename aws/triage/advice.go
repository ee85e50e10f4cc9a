package triage

// advice is what to do about a kind: whether a redrive helps and why, and what
// is to be mended first.
type advice struct {
	helps   Helps
	redrive string
	fix     Action
	text    string
}

func adviceOn(kind Kind) advice {
	if a, ok := advices[kind]; ok {
		return a
	}
	return advice{helps: HelpsUnknown, redrive: "the cause is not known, so whether it repeats is not known either"}
}

const (
	repeatsDefinition = "a redrive uses the same definition and the same data, so it fails the same way"
	named             = "it helps once what is named exists; a wrong name in the input needs a new run"
	repeatsInput      = "a redrive uses the same input, so it fails the same way"
	passing           = "the cause is outside the run and usually passes"
	mended            = "it helps once the cause is mended; what the run names is looked up again"
)

var advices = map[Kind]advice{
	ScriptFailed:      {HelpsAfterFix, "it runs the job again with the same input; it helps if the cause has gone", ActFixScript, "read the log, and mend the job or what it works with"},
	OutOfMemory:       {HelpsNo, "a redrive runs with the same memory, so it fails the same way", "", ""},
	Killed:            {HelpsUnknown, "nothing tells who killed it", "", ""},
	Crashed:           {HelpsUnknown, "a crash may repeat", ActFixImage, "mend the program or take another version of it"},
	Terminated:        {HelpsYes, passing, "", ""},
	BadCommand:        {HelpsNo, repeatsInput, ActFixInput, "correct the command in the input's args, or put the program into the image"},
	WrongArchitecture: {HelpsAfterFix, "it helps once the image behind the task definition's tag is replaced", ActFixImage, "build the image for the architecture of the task definition (linux/amd64 or linux/arm64) and push it"},
	DependencyMissing: {HelpsAfterFix, mended, ActFixImage, "add what is missing to the image and push it"},
	InputInvalid:      {HelpsNo, repeatsInput, ActFixInput, "correct the input"},
	SidecarEnded:      {HelpsUnknown, "the other container may end early again", ActFixMachine, "mark the other container as not essential in the task definition, or let it outlive the job"},

	ImagePull:       {HelpsAfterFix, mended, ActFixImage, "check that the image and its tag exist, that the execution role may pull it, and that the subnet reaches the registry"},
	SecretFetch:     {HelpsAfterFix, mended, ActFixSecret, "check that the secret or parameter exists, that the execution role may read it, and that the subnet reaches Secrets Manager or SSM"},
	LogSetup:        {HelpsAfterFix, mended, ActFixMachine, "create the log group of the task definition, let the execution role write to it, and check the way to CloudWatch Logs"},
	NetworkSetup:    {HelpsYes, passing, ActFixNetwork, "if it comes again, check the subnet's free addresses and its route"},
	VolumeSetup:     {HelpsAfterFix, mended, ActFixNetwork, "check the file system, its mount targets and security groups"},
	SpotInterrupted: {HelpsYes, "another Spot task may get through", "", ""},
	HostLost:        {HelpsYes, passing, "", ""},
	TaskStopped:     {HelpsYes, "nothing in the run itself is wrong", "", ""},

	NoCapacity:              {HelpsYes, "capacity comes back; try later", ActWait, "wait some minutes, or use another capacity, size or Availability Zone"},
	TaskQuota:               {HelpsYes, "it helps when other tasks have ended or the quota is raised", ActWait, "wait for other tasks to end, or ask for a higher Fargate quota"},
	Throttled:               {HelpsYes, passing, ActWait, "wait a minute, and start fewer runs at once"},
	OverridesTooLong:        {HelpsNo, repeatsInput, ActFixInput, "pass less in args and env: put large data into S3 and pass its key"},
	NetworkConfig:           {HelpsNo, repeatsDefinition, ActFixMachine, "correct the subnets, security groups or public IP setting of the machine, and deploy"},
	ClusterMissing:          {HelpsAfterFix, "it helps only if a cluster of that name is made again; another name needs a new run", ActFixMachine, "correct the cluster in the machine, or create it"},
	TaskDefinitionMissing:   {HelpsNo, "the definition that the run uses names the revision, and a redrive uses that definition", ActFixMachine, "deploy the machine with an active task definition"},
	ContainerUnknown:        {HelpsNo, repeatsDefinition, ActFixMachine, "use the container name of the task definition in the overrides, and deploy"},
	SizeInvalid:             {HelpsNo, repeatsInput, ActFixInput, "choose a memory that Fargate pairs with the cpu"},
	CapacityProviderMissing: {HelpsAfterFix, mended, ActFixMachine, "attach the capacity provider to the cluster"},

	PassRoleDenied:   {HelpsAfterFix, "permissions are looked up anew, so it helps once the role has them", ActGrant, ""},
	RunTaskDenied:    {HelpsAfterFix, "permissions are looked up anew, so it helps once the role has them", ActGrant, ""},
	CallbackDenied:   {HelpsAfterFix, "permissions are looked up anew, so it helps once the role has them", ActGrant, ""},
	PermissionDenied: {HelpsAfterFix, "permissions are looked up anew, so it helps once the role has them", ActGrant, ""},
	Credentials:      {HelpsAfterFix, mended, ActLogin, "give the task a task role, or renew the credentials that the job brings along"},

	DeadToken:      {HelpsYes, "it runs the task again with a new token", "", ""},
	TokenRejected:  {HelpsAfterFix, "a redrive makes a new token; it helps once the job passes it on unchanged", ActFixScript, "quote the token in the script and read it from the variable that the machine sets"},
	OutputInvalid:  {HelpsAfterFix, "it helps once the job writes JSON", ActFixScript, "let the job write its output as one JSON value"},
	OutputTooLarge: {HelpsAfterFix, "it helps once the job writes less", ActFixScript, "put large output into S3 and return its location"},

	HeartbeatLost: {HelpsYes, "the clocks start anew", "", ""},
	TaskTimeout:   {HelpsAfterFix, "the clock starts anew at the same length, so a job that needs longer fails the same way", "", ""},
	RunTimeout:    {HelpsYes, "the machine's clock starts anew", ActFixMachine, "if it needs longer, raise the machine's TimeoutSeconds and deploy"},
	Stopped:       {HelpsYes, "it takes up where it was stopped", "", ""},

	DatabaseAuth:       {HelpsAfterFix, mended, ActFixSecret, "correct the user or the password in the secret, or the server's rules for this client"},
	DatabaseMissing:    {HelpsNo, repeatsInput, ActFixInput, "correct the database's name"},
	DatabasePermission: {HelpsAfterFix, mended, ActFixTarget, "grant the privilege to the database user"},
	DatabaseVersion:    {HelpsAfterFix, mended, ActFixImage, "use an image whose client is at least as new as the server"},
	DatabaseBusy:       {HelpsYes, "connections come free", ActFixTarget, "if it comes again, raise the server's connection limit or run fewer jobs at once"},
	DatabaseLocked:     {HelpsYes, "locks pass", ActFixTarget, "if it comes again, run it when nothing else changes the schema"},
	DatabaseError:      {HelpsUnknown, "whether the error repeats is not known", ActFixScript, "read the log around the error"},
	HostUnknown:        {HelpsAfterFix, named, ActFixTarget, "correct the host name, or the DNS of the VPC"},
	ConnectionRefused:  {HelpsAfterFix, mended, ActFixTarget, "check that the server runs and listens on that port"},
	ConnectionTimeout:  {HelpsAfterFix, mended, ActFixNetwork, "open the security groups between task and server, and check the route"},
	ConnectionLost:     {HelpsYes, passing, ActFixTarget, "if it comes again, read the server's log at that time"},
	TLSFailed:          {HelpsAfterFix, mended, ActFixTarget, "check the server's certificate and the CA in the image"},
	DiskFull:           {HelpsNo, "a redrive has the same disk, so it fails the same way", ActFixMachine, "raise the task's ephemeral storage (20 GiB unless set, at most 200), or stream instead of writing files"},
	DumpIncomplete:     {HelpsYes, "it makes the dump anew", "", ""},
	BucketMissing:      {HelpsAfterFix, named, ActFixTarget, "create the bucket, or correct its name"},
	ObjectMissing:      {HelpsAfterFix, named, ActFixInput, "correct the object's key, or put the object there"},

	DefinitionError: {HelpsNo, repeatsDefinition, ActFixMachine, "correct the definition, or give the field that it reads in the input"},
	NoChoiceMatched: {HelpsNo, repeatsDefinition, ActFixMachine, "add a Default to the Choice, or correct the input that it looks at"},
	ExpressionError: {HelpsNo, repeatsDefinition, ActFixMachine, "correct the expression, or give the field that it reads in the input"},
	ParameterType:   {HelpsNo, repeatsDefinition, ActFixMachine, "convert the value (States.Format or $string), or give it with the right type in the input"},
	HistoryFull:     {HelpsNo, "the history is full", ActFixMachine, "split the work: let the machine start a fresh run before 25,000 events, or use a distributed Map"},
	MapItemsFailed:  {HelpsYes, "only the items that failed run again", ActOpenRun, "open the failed items, and mend what they tell"},
	FailState:       {HelpsNo, "a redrive would take up the Fail state and fail again", ActFixInput, "read the error: the machine itself decided to fail"},
}

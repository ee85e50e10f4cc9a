package triage

import "regexp"

// endsPart tells a crash from words that go on to something else: a bus error
// from an error rate of buses.
var endsPart = regexp.MustCompile(`(?i)\b(?:segmentation fault|core dumped|bus error|illegal instruction|floating point exception)(?:["')\]]*\s*$|\s*[^\w\s'"]|\s+(?:at|in|on|while|when|during|after|before|and|from|by|to|signal|core|code|occurred|detected|encountered|happened|caught|received|raised|address)\b)`)

// jobRules read what shells, runtimes and the entrypoint say about a job.
var jobRules = []rule{
	on(WrongArchitecture, inText, 94,
		"exec format error|cannot execute binary file|wrong elf class|exec user process caused exec format|rosetta error|qemu|"+
			"invalid elf header|bad cpu type|incompatible architecture|not built for this platform"),
	on(OutOfMemory, inJob, 92,
		"memory was used up|killed a process of the job because|container killed due to memory|outofmemoryerror container|"+
			"oomkilled|cgroup out of memory|memory cgroup"),
	on(OutOfMemory, inJob, 76,
		"out of memory|outofmemory|cannot allocate memory|bad_alloc|heap out of memory|memoryerror|java heap space|oom killer|"+
			"oom kill| oom |virtual memory exhausted|memory exhausted|allocation failed|unable to allocate|could not allocate|"+
			"memory limit exceeded|enomem|failed to allocate|cache resources exhausted|memory allocation|gc overhead limit|"+
			"not enough memory",
		"!failed on request of size|query failed|server|sort_buffer|shared memory"),
	on(OutOfMemory, inJob, 75,
		"cannot allocate|could not allocate|unable to allocate|cant allocate|failed allocating|allocation of",
		"memory|bytes| gb| gib| mb| mib",
		"!shared memory|query failed|ip address"),
	on(DatabaseError, inJob, 76,
		"out of memory|out of shared memory",
		"query failed|server|failed on request of size|shared memory|pg_dump|sqlstate"),
	on(BadCommand, inJob, 80,
		"command not found|executable file not found|not found in $path|is not recognized as|cannot execute|unknown job|"+
			"no such command|exec failed|not executable|not an executable",
		"!binary file"),
	on(BadCommand, inJob, 78,
		"sh |bash |exec |start |entrypoint|fork/exec|env |spawn|child process|line ",
		" not found | no such file or directory |permission denied|enoent|eacces",
		"!s3|bucket|database|relation|table|.sql|.csv|.json|host"),
	on(BadCommand, inJob, 84, " command | program | job ", "file does not exist|is no job|unknown job|no such job|no such program", "!s3|bucket|.sql"),
	on(DependencyMissing, inJob, 80,
		"modulenotfound|no module named|cannot find module|importerror|loading shared libraries|symbol not found|classnotfound|"+
			"noclassdeffound|could not find or load main class|library not loaded|is not in this image|glibc_|"+
			"cannot load such file|undefined symbol|err_module_not_found|version glibc"),
	on(Crashed, inJob, 80,
		"sigsegv|segfault|sigbus|sigabrt|sigill|"+
			"fatal error unexpected signal|nil pointer dereference|invalid memory address|stack smashing|double free|"+
			"heap corruption"),
	on(Crashed, inJob, 80, "segmentation fault|core dumped|bus error|illegal instruction|floating point exception").saying(endsPart),
	on(InputInvalid, inJob, 74,
		"unrecognized option|unknown option|invalid option|unknown flag|unrecognized argument|unexpected argument|"+
			"illegal option|missing required argument|required argument|following arguments are required|no such option|"+
			"unrecognised option|missing argument|missing operand|bad argument|invalid argument for|see help|--help|"+
			"requires an argument|takes no value|too many arguments|too few arguments|flag provided but not defined",
		"!task_token|tasktoken|task token"),
	on(InputInvalid, inJob, 72,
		"environment variable|env var|unbound variable|parameter not set|variable",
		"not set|must be set|missing|required|unbound|undefined|empty|parameter not set|not defined",
		"!task_token|tasktoken|task token"),
	on(InputInvalid, inJob, 70,
		"no decode delegate|improper image header|jsondecodeerror|invalid character|cannot unmarshal|parse error|yaml.scanner|"+
			"csv.error|not a jpeg file|not a png file|unidentifiedimageerror|insufficient image data",
		"!sendtask|output|result of"),
	on(SpotInterrupted, inJob, 66, "spot", "interrupt|reclaim|termination notice|evict|preempt"),
}

package triage

// databaseRules read what database clients and dump tools say.
var databaseRules = []rule{
	on(DatabaseAuth, inJob, 84,
		"password authentication failed|access denied for user|authentication failed|login failed|no pg_hba.conf entry|"+
			"pg_hba.conf|invalid password|wrong password|incorrect password|fe_sendauth|no password supplied|cannot log in|"+
			"cant log in|could not log in|unable to log in|peer authentication|ora 01017|sasl authentication|scram|"+
			"authentication plugin|caching_sha2|invalid username|invalid authorization specification|account is locked|"+
			"password expired|password has expired|bad credentials|auth failed|authentication error|invalid user|"+
			"authentication failure|wrongpass|failed to authenticate|could not authenticate|unable to authenticate|"+
			"pam authentication|ident authentication|error 1045|md5 authentication|noauth",
		"!sendtask|registry|cannotpull|docker login|couldnt execute| to database "),
	on(DatabaseAuth, inJob, 80,
		"role|user",
		"does not exist|is not permitted to log in|not allowed to connect|cannot login|is not allowed to log|1130",
		"fatal|connection|connect|host|psql|mysql",
		"!iam|arn:"),
	on(DatabaseAuth, inJob, 68,
		"authentication|login|logon|password|credential|log in|sign in",
		"rejected|refused|denied|failed|incorrect|wrong|not accepted|invalid|mismatch|not match|locked|rejects",
		"!sendtask|registry|aws|iam|s3|token|assumed role|api key|ssh"),
	on(DatabaseMissing, inJob, 82,
		"unknown database|database",
		"unknown database|does not exist|is not on|doesnt exist|not found|error 1049|3d000",
		"!table|relation|host"),
	// The login worked: a statement, or one database, was refused.
	on(DatabasePermission, inJob, 86, "access denied for user", "couldnt execute| to database "),
	on(DatabaseMissing, inJob, 82, "couldnt find table|no matching tables|no matching schemas|table doesnt exist 1146"),
	on(DatabasePermission, inJob, 82,
		"permission denied for|command denied to user|must be owner of|must be superuser|you need at least one of|"+
			"insufficient privilege|privilege|privileges|error 1142|error 1044|error 1227|42501",
		"denied|must be|need|insufficient|missing|lacks|not have|required",
		"!password authentication|arn:|sendtask"),
	on(DatabaseVersion, inJob, 85,
		"server version mismatch|aborting because of server version|cannot dump a newer server|unsupported server version|"+
			"server version|column_statistics|unsupported version in file header|unknown system variable|"+
			"is not supported by server|unknown table column_statistics",
		"!listening|connected to|starting|running on"),
	on(DatabaseBusy, inJob, 82,
		"too many connections|remaining connection slots|too many clients|connection limit|max_user_connections|"+
			"max_connections|system is starting up|is shutting down|is in recovery|not yet accepting connections|"+
			"not accepting connections|too many sessions|pool exhausted|connection pool|error 1040|sorry too many"),
	on(DatabaseLocked, inJob, 80,
		"lock wait timeout|deadlock found|deadlock detected|deadlock victim|deadlocked|could not obtain lock|due to lock timeout|lock not available|conflict with recovery|"+
			"due to statement timeout|statement timeout|could not serialize|lock timeout|max_execution_time|"+
			"waiting for table metadata lock|query execution was interrupted|error 1205|error 1213|snapshot too old|"+
			"maximum statement execution time"),
	on(TLSFailed, inJob, 80,
		"certificate verif|certificate has expired|certificate chain|certificate signed|server certificate|x509| ssl| tls|handshake|self signed|bad certificate",
		"failed|verify|expired|invalid|unknown authority|self signed|mismatch|untrusted|alert|unsupported|not trusted|"+
			"not support|required|problem|wrong version|unknown ca|does not match|is required",
		"!ssl syscall|ssl connection has been closed|eof|sslmode disable to|handshake timeout|timed out|"+
			"reading initial communication"),
	on(TLSFailed, inJob, 68,
		"certificate",
		"failed|verify|expired|invalid|unknown authority|self signed|mismatch|untrusted|alert|unsupported|not trusted|"+
			"not support|required|problem|wrong version|unknown ca|does not match|is required",
		"!ssl syscall|ssl connection has been closed|eof|sslmode disable to|handshake timeout|timed out|"+
			"reading initial communication"),

	on(DumpIncomplete, inJob, 82,
		"cut short|incomplete|truncated|not whole|does not end with|wrote nothing|missing trailer|dump completed|"+
			"cannot be read back|checksum mismatch|size mismatch|premature end|is empty|partial|unexpected end of|not a complete|"+
			"zero bytes| 0 bytes|crc error|ends early|ended early|trailer|end of file|not complete|is short|too short|"+
			"verification failed|only part of|cut off|differs from the source|invalid compressed data|integrity",
		"dump|backup|archive|restore|gzip|pg_restore|.gz|.sql|tarball",
		"!json|dump completed on|dump completed successfully|partial match|broken pipe|warning|no dump"),
	on(DumpIncomplete, inJob, 68,
		"cut short|incomplete|truncated|not whole|does not end with|wrote nothing|missing trailer|dump completed|"+
			"cannot be read back|checksum mismatch|size mismatch|premature end|is empty|partial|unexpected end of|not a complete|"+
			"zero bytes| 0 bytes|crc error|ends early|ended early|trailer|end of file|not complete|is short|too short|"+
			"verification failed|only part of|cut off|differs from the source|invalid compressed data|integrity",
		"output|object|upload|file|export|data",
		"!json|dump completed on|dump completed successfully|partial match|broken pipe|warning|no dump"),
	on(DumpIncomplete, inJob, 74, "zstd|gzip|bzip2| xz | lz4 |tar ", "premature end|unexpected end|unexpected eof|truncated|corrupted"),
	on(DatabaseError, inJob, 66,
		"pg_dump|pg_dumpall|mysqldump|mariadb dump|psql|pg_restore|pg_basebackup|mysqlpump|mongodump|mydumper|xtrabackup|mysql|"+
			"mariadb|sqlstate",
		"error|fatal|aborting|couldnt execute|failed|panic",
		"!0 errors|no errors|error_log|errors 0|warning"),
	on(DatabaseError, inJob, 62,
		"relation|table|column|view|sequence|schema|syntax error at or near|sql syntax",
		"does not exist|doesnt exist|unknown column|syntax error|error in your sql|is marked as crashed|corrupt|invalid page"),
}

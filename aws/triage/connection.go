package triage

import "regexp"

// storage is what fills up.
const storage = "filesystem|file system|disk|volume|partition|storage|/tmp|device|scratch space|tablespace|hard drive"

// filledUp tells a disk that is full from one at the full price: the word ends
// its clause, or what follows speaks of the writing.
var filledUp = regexp.MustCompile(`(?i)\bfull["')\]]*(?:\s*$|\s*[^\w\s'"-]|\s+(?:-|while|when|during|on|at|after|before|cannot|can't|could|unable|` +
	`error|writing|abort|exit|stop|giving|please|because|again|now|already|errno|code|no more|and (?:cannot|could|no|nothing|the|will)))`)

// connectionRules read failures of name service, connections and disks as the
// C library, Go, Java, Node and Python word them.
var connectionRules = []rule{
	on(HostUnknown, inJob, 85,
		"could not translate host name|unknown mysql server host|unknown server host|unknown host|unknownhost|"+
			"name or service not known|in name resolution|could not resolve|couldnt resolve|getaddrinfo|nodename nor servname|"+
			"no such host| enotfound|eai_again|nxdomain|cannot resolve|cant resolve|unable to resolve|failed to resolve|"+
			"name resolution failed|resolve host|no address associated|dns lookup|dns resolution|"+
			"name does not resolve|hostname cannot be|server misbehaving|servname not supported|host name lookup|error 2005|"+
			"dns failure|failed to lookup",
		"!ref docker|cannotpull|failed to resolve ref"),
	on(ConnectionRefused, inJob, 82,
		"connection refused|econnrefused|actively refused|connectexception|refused the connection|refused connection|"+
			"connect refused|connection was refused|refused to connect|port is closed|connection error refused",
		"!cannotpull"),
	on(ConnectionTimeout, inJob, 80,
		"timeout expired|connection timed out|connect timeout|connection timeout|etimedout|operation timed out|"+
			"no route to host|network is unreachable|network unreachable|host unreachable|host is unreachable|i/o timeout|"+
			"ehostunreach|enetunreach|connecttimeout|connection attempt timed out|connect timed out|timed out connecting|"+
			"timed out while connecting|timed out waiting for a connection|timeout while connecting|sockettimeout|read timed out|"+
			"dial timeout|error 110|errno 110|10060|context deadline exceeded|timeout connecting|connection request timed|"+
			"handshake timeout|timed out trying to connect",
		"!lock wait|statement timeout|task timed out|cannotpull"),
	on(ConnectionTimeout, inJob, 71,
		"timed out|timeout|no response|no answer|no reply|did not answer|not respond|not reachable|unreachable|within",
		"connect|connection|host|server|port|endpoint|socket|reach| db|database|after",
		"!lock|query|worker|job |statement|task timed out|retrying"),
	on(HostUnknown, inJob, 70,
		" host | hostname | host name | server name | address of",
		"could not find|cannot find|cant find|not found|unknown|resolve|lookup|no address|does not exist|not known",
		"!user|access denied|image|key"),
	on(ConnectionRefused, inJob, 84,
		"cant connect|cannot connect|could not connect|failed to connect|unable to connect|connect error",
		" 111 | 61 | 10061 "),
	on(ConnectionTimeout, inJob, 84,
		"cant connect|cannot connect|could not connect|failed to connect|unable to connect|connect error",
		" 110 | 10060 | 113 | 101 | 60 "),
	on(ConnectionLost, inJob, 69,
		"connection|session|link |socket|stream|server|backend|peer",
		"terminated|connection closed|unexpected eof|eof while|closed the|dropped|broke|died| lost|was cut|went away|severed|"+
			"interrupted| reset|hung up|vanished|ended unexpectedly|closed by|torn down|gone",
		"!refused|retrying|restored"),
	on(ConnectionRefused, inJob, 58,
		"could not connect|cannot connect|cant connect|failed to connect|unable to connect|couldnt connect|"+
			"is the server running",
		"!timeout|timed out|resolve|refused|password|denied"),
	on(ConnectionLost, inJob, 83,
		"lost connection|server closed the connection|connection reset|server has gone away|has gone away|"+
			"terminating connection|connection terminated|connection was terminated|closed unexpectedly|eof detected|"+
			"connection was killed|ssl syscall error|econnreset|connection dropped|communications link failure|"+
			"could not receive data|could not send data|unexpected disconnect|connection to server was lost|connection was lost|"+
			"connection lost|connection aborted|reset by peer|connection has been closed|connection unexpectedly|socket hang up|"+
			"max_allowed_packet|got packet bigger|got an error reading communication|net_write_timeout|connection is closed|"+
			"connection was closed|dropped the connection|connection broken|session was killed|hung up|"+
			"ssl connection has been closed|disconnected|unexpected eof on client|connection interrupted|error 2013|error 2006|"+
			"no connection to the server"),
	on(DiskFull, inJob, 88,
		"no space left|enospc|disk quota exceeded|exceeded disk quota|over disk quota|disk quota reached|insufficient disk|out of disk|"+
			"errno 28|errcode 28|insufficient storage|not enough disk|no space on device|write failed no space"),
	on(DiskFull, inJob, 86, storage, "no free space|not enough space|not enough free space|out of space|no more space|no space"),
	on(DiskFull, inJob, 86, storage, " full ").saying(filledUp),
	on(DiskFull, inJob, 86, "tablespace|error 1114", " full |unable to extend|cannot extend|could not extend"),
	on(DiskFull, inJob, 72, storage, "filled up|100%|exhausted|ran out|no room|used up", "!memory|successful"),
	on(DiskFull, inJob, 70, "no free space|not enough space|not enough free space|out of space"),
	on(BucketMissing, inJob, 86,
		"nosuchbucket|specified bucket does not exist|bucket does not exist|no such bucket|bucket not found|"+
			"bucket doesnt exist|bucket was not found"),
	on(ObjectMissing, inJob, 82,
		"nosuchkey|specified key does not exist|key does not exist|no such key|object does not exist|"+
			"404 when calling the headobject|error occurred 404|file not found in s3|no jpg|no such object"),
	on(ObjectMissing, inJob, 66, "s3|headobject|getobject|bucket", "404|not found"),
}

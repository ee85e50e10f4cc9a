// Package container holds what goes into the image of the tasks.
package container

import "embed"

// Scripts has the jobs, and the files they source, in its folder "scripts". A job is a file whose name has no dot;
// embedding loses the permission to execute, so whoever writes it to a disk gives it back.
//
//go:embed scripts
var Scripts embed.FS

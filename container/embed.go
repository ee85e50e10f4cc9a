// Package container holds what goes into the image of the tasks.
package container

import (
	"embed"
	"io/fs"
)

//go:embed scripts
var embedded embed.FS

// Scripts returns the jobs, and the files they source, at the top of a file system. A job is a file whose name has
// no dot; embedding loses the permission to execute, so whoever writes it to a disk gives it back.
func Scripts() fs.FS {
	scripts, err := fs.Sub(embedded, "scripts")
	if err != nil {
		panic(err) // the name is a constant and valid
	}
	return scripts
}

package supervise

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// lookUpCommand finds the job on the PATH of env. The folder of the jobs is the first on that PATH;
// an error names what is in it, and is fs.ErrNotExist or fs.ErrPermission.
func lookUpCommand(argv, env []string) (string, error) {
	folders := filepath.SplitList(variable(env, "PATH"))
	if len(argv) == 0 {
		return "", fmt.Errorf("no command was given%s: %w", jobs(folders), fs.ErrNotExist)
	}
	name := argv[0]
	if strings.Contains(name, "/") {
		return name, executable(name)
	}
	var found error
	for _, folder := range folders {
		path := filepath.Join(folder, name)
		err := executable(path)
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, fs.ErrNotExist) && found == nil {
			found = err
		}
	}
	if found != nil {
		return "", fmt.Errorf("%w%s", found, jobs(folders))
	}
	return "", fmt.Errorf("command %q: %w%s", name, fs.ErrNotExist, jobs(folders))
}

func executable(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("command %q: %w", path, err)
	}
	if info.IsDir() || info.Mode()&0o111 == 0 {
		return fmt.Errorf("command %q is not executable: %w", path, fs.ErrPermission)
	}
	return nil
}

// jobs lists the jobs there are, as the end of a sentence.
func jobs(folders []string) string {
	const most = 20
	if len(folders) == 0 {
		return "; PATH is empty"
	}
	entries, err := os.ReadDir(folders[0])
	if err != nil {
		return fmt.Sprintf("; the jobs cannot be listed: %v", err)
	}
	var names []string
	for _, entry := range entries {
		if executable(filepath.Join(folders[0], entry.Name())) != nil {
			continue
		}
		if len(names) == most {
			names = append(names, "…")
			break
		}
		names = append(names, entry.Name())
	}
	if len(names) == 0 {
		return fmt.Sprintf("; there are no jobs in %s", folders[0])
	}
	return fmt.Sprintf("; the jobs in %s are %s", folders[0], strings.Join(names, ", "))
}

func variable(env []string, name string) string {
	value := ""
	for _, entry := range env {
		if text, found := strings.CutPrefix(entry, name+"="); found {
			value = text
		}
	}
	return value
}

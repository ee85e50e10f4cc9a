package session

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
)

// Profiles are the names in the user's AWS files, sorted. A file that is not
// there has none.
func Profiles() ([]string, error) {
	var names []string
	for _, file := range []struct{ variable, path, prefix string }{
		{"AWS_CONFIG_FILE", config.DefaultSharedConfigFilename(), "profile "},
		{"AWS_SHARED_CREDENTIALS_FILE", config.DefaultSharedCredentialsFilename(), ""},
	} {
		path := file.path
		if named := os.Getenv(file.variable); named != "" {
			path = named
		}
		found, err := profilesIn(path, file.prefix)
		if err != nil {
			return nil, err
		}
		names = append(names, found...)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func profilesIn(path, prefix string) ([]string, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read profiles: %w", err)
	}
	defer file.Close()
	return readProfiles(file, prefix)
}

// readProfiles finds the sections that are profiles: [default], and those with
// the prefix, which the config file has and the credentials file has not.
func readProfiles(text io.Reader, prefix string) ([]string, error) {
	var names []string
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		section, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), "[")
		section, _, closed := strings.Cut(section, "]")
		section = strings.TrimSpace(section)
		if !ok || !closed || section == "" {
			continue
		}
		name, isProfile := strings.CutPrefix(section, prefix)
		if isProfile || section == "default" {
			names = append(names, strings.TrimSpace(name))
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read profiles: %w", err)
	}
	return names, nil
}

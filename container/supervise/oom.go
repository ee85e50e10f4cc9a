package supervise

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	cgroupRoot = "/sys/fs/cgroup"
	selfCgroup = "/proc/self/cgroup"
)

// oomKills returns how many processes of this cgroup the kernel has killed for memory. It reads
// memory.events (cgroup v2) or memory.oom_control (v1), below root at the path that the file self
// names, or at the root: a container sees its own cgroup there. ok is false where there is neither.
func oomKills(root, self string) (kills int64, ok bool) {
	for _, path := range counterFiles(root, self) {
		if kills, ok := readCounter(path); ok {
			return kills, true
		}
	}
	return 0, false
}

func counterFiles(root, self string) []string {
	var files []string
	for _, line := range readLines(self) {
		fields := strings.SplitN(line, ":", 3) // id:controllers:path
		if len(fields) != 3 {
			continue
		}
		switch {
		case fields[0] == "0" && fields[1] == "":
			files = append(files, filepath.Join(root, fields[2], "memory.events"))
		case strings.Contains(","+fields[1]+",", ",memory,"):
			files = append(files, filepath.Join(root, "memory", fields[2], "memory.oom_control"))
		}
	}
	return append(files, filepath.Join(root, "memory.events"), filepath.Join(root, "memory", "memory.oom_control"))
}

func readCounter(path string) (int64, bool) {
	for _, line := range readLines(path) {
		if value, found := strings.CutPrefix(line, "oom_kill "); found {
			kills, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			return kills, err == nil
		}
	}
	return 0, false
}

// readLines returns nothing for a file that cannot be read: the counters are a help, not a need.
func readLines(path string) []string {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close() // only read
	var lines []string
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		lines = append(lines, scanner.Text())
	}
	return lines
}

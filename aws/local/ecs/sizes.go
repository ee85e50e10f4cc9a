package ecs

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// fargateSize is the memory, in MiB, that goes with a number of CPU units.
type fargateSize struct{ least, most, step int }

// fargateSizes are the sizes of Fargate tasks. AWS: RegisterTaskDefinition, memory.
var fargateSizes = map[int]fargateSize{
	256:   {512, 2048, 512},
	512:   {1024, 4096, 1024},
	1024:  {2048, 8192, 1024},
	2048:  {4096, 16384, 1024},
	4096:  {8192, 30720, 1024},
	8192:  {16384, 61440, 4096},
	16384: {32768, 122880, 8192},
}

// fits tells whether Fargate has the size. 256 CPU units have 512, 1024 and
// 2048 MiB, not 1536.
func fits(cpu, memory int) bool {
	if cpu == 256 {
		return slices.Contains([]int{512, 1024, 2048}, memory)
	}
	size, ok := fargateSizes[cpu]
	return ok && memory >= size.least && memory <= size.most && (memory-size.least)%size.step == 0
}

var (
	cpuText    = regexp.MustCompile(`^(?:(\d+)|(\d*\.?\d+)\s*v[Cc][Pp][Uu])$`)
	memoryText = regexp.MustCompile(`^(?:(\d+)|(\d*\.?\d+)\s*[Gg][Bb])$`)
)

// cpuUnits reads "512" or "0.5 vCPU".
func cpuUnits(text string) (int, bool) { return amount(cpuText, text) }

// mebibytes reads "1024" or "1 GB".
func mebibytes(text string) (int, bool) { return amount(memoryText, text) }

func amount(pattern *regexp.Regexp, text string) (int, bool) {
	m := pattern.FindStringSubmatch(strings.TrimSpace(text))
	switch {
	case m == nil:
		return 0, false
	case m[1] != "":
		n, err := strconv.Atoi(m[1])
		return n, err == nil
	}
	n, err := strconv.ParseFloat(m[2], 64)
	return int(n * 1024), err == nil
}

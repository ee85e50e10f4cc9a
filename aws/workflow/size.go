package workflow

import (
	"fmt"
	"slices"
	"strings"
)

// memorySteps are Fargate's legal pairs: memory in MiB by CPU units
// (AWS: RegisterTaskDefinition memory).
var memorySteps = []struct{ cpu, low, high, step int }{
	{512, 1024, 4096, 1024},
	{1024, 2048, 8192, 1024},
	{2048, 4096, 16384, 1024},
	{4096, 8192, 30720, 1024},
	{8192, 16384, 61440, 4096},
	{16384, 32768, 122880, 8192},
}

// Sizes returns the CPU units Fargate offers, ascending.
func Sizes() []int {
	cpus := []int{256}
	for _, s := range memorySteps {
		cpus = append(cpus, s.cpu)
	}
	return cpus
}

// MemoryFor returns the memory sizes in MiB that Fargate pairs with the CPU
// units, ascending; none for a CPU it does not offer.
func MemoryFor(cpu int) []int {
	if cpu == 256 {
		return []int{512, 1024, 2048}
	}
	for _, s := range memorySteps {
		if s.cpu == cpu {
			var sizes []int
			for m := s.low; m <= s.high; m += s.step {
				sizes = append(sizes, m)
			}
			return sizes
		}
	}
	return nil
}

// CheckSize checks a pair of CPU units and MiB against Fargate's table; 0 means
// the task definition's own. The refusal names the nearest legal values.
func CheckSize(cpu, memory int) *FieldError {
	if cpu != 0 && MemoryFor(cpu) == nil {
		return refuse("cpu", "%d is no Fargate size; nearest: %s (1024 is one vCPU)", cpu, nearest(Sizes(), cpu))
	}
	if memory == 0 {
		return nil
	}
	if cpu != 0 {
		if sizes := MemoryFor(cpu); !slices.Contains(sizes, memory) {
			return refuse("memory", "%d MiB does not go with cpu %d; nearest: %s%s", memory, cpu, nearest(sizes, memory), cpuFor(memory))
		}
		return nil
	}
	var all []int
	for _, c := range Sizes() {
		all = append(all, MemoryFor(c)...)
	}
	slices.Sort(all)
	if !slices.Contains(all, memory) {
		return refuse("memory", "%d MiB is no Fargate size; nearest: %s", memory, nearest(slices.Compact(all), memory))
	}
	return nil
}

// cpuFor names the CPU sizes that go with the memory, if any do.
func cpuFor(memory int) string {
	var cpus []string
	for _, c := range Sizes() {
		if slices.Contains(MemoryFor(c), memory) {
			cpus = append(cpus, fmt.Sprint(c))
		}
	}
	if cpus == nil {
		return ""
	}
	return fmt.Sprintf("; or keep %d MiB with cpu %s", memory, strings.Join(cpus, ", "))
}

// nearest names the neighbours of n in ascending sizes.
func nearest(sizes []int, n int) string {
	i, _ := slices.BinarySearch(sizes, n)
	switch i {
	case 0:
		return fmt.Sprint(sizes[0])
	case len(sizes):
		return fmt.Sprint(sizes[i-1])
	}
	return fmt.Sprintf("%d, %d", sizes[i-1], sizes[i])
}

package triage

import (
	"cmp"
	"strconv"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
)

// memory is the size the task ran with in MiB, or 0 when not known.
func (c *study) memory() int {
	definition, _ := c.definition()
	if c.task != nil {
		return size(c.task.Memory, c.detail.memory, definition.Memory)
	}
	return size(c.detail.memory, definition.Memory)
}

// cpu is the size in CPU units, or 0 when not known.
func (c *study) cpu() int {
	definition, _ := c.definition()
	if c.task != nil {
		return size(c.task.CPU, c.detail.cpu, definition.CPU)
	}
	return size(c.detail.cpu, definition.CPU)
}

func size(texts ...string) int {
	n, err := strconv.Atoi(cmp.Or(texts...))
	if err != nil {
		return 0
	}
	return n
}

// moreMemory suggests the next size worth a try: four times a small one, else
// twice, with as much CPU as Fargate wants for it.
func (c *study) moreMemory() []Remedy {
	mib, cpu := c.memory(), c.cpu()
	if !c.reads("memory") {
		return []Remedy{{Action: ActFixMachine, Text: safe.Line("raise the memory of the task definition and deploy; the machine takes no memory from its input")}}
	}
	if mib == 0 {
		return []Remedy{{Action: ActNewRun, RunARN: c.ev.Run.ARN, Text: safe.Line("run again with more memory")}}
	}
	want := 2 * mib
	if mib < 1024 {
		want = 4 * mib
	}
	newCPU, newMiB := largerSize(cpu, want)
	if newMiB <= mib {
		return []Remedy{{Action: ActFixScript, Text: safe.Linef("%d MiB is Fargate's largest size: let the job need less memory at once", mib)}}
	}
	r := c.newRun("run again with memory "+strconv.Itoa(newMiB), safe.Text{})
	r.Memory = newMiB
	if newCPU != cpu && cpu != 0 {
		r.CPU = newCPU
		r.Text = safe.Linef("run again with memory %d and cpu %d", newMiB, newCPU)
	}
	return []Remedy{r}
}

// largerSize finds the smallest legal memory of at least want, at the CPU given
// or the next larger one; failing that the largest of all.
func largerSize(cpu, want int) (newCPU, memory int) {
	for _, units := range workflow.Sizes() {
		if units < cpu {
			continue
		}
		for _, mib := range workflow.MemoryFor(units) {
			newCPU, memory = units, mib
			if mib >= want {
				return newCPU, memory
			}
		}
	}
	return newCPU, memory
}

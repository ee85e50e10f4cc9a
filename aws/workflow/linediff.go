package workflow

import "slices"

// DiffLine is a line of a comparison.
type DiffLine struct {
	Op   DiffOp
	Text string
}

// DiffOp is what became of a line.
type DiffOp byte

// What becomes of a line.
const (
	DiffSame    DiffOp = ' '
	DiffRemoved DiffOp = '-'
	DiffAdded   DiffOp = '+'
)

// diffCells bounds the work of a comparison; beyond it all that differs is
// removed and added as one block.
const diffCells = 4_000_000

// DiffLines compares texts line by line, with as few changes as can be; of a
// change the removed lines come first.
func DiffLines(before, after []string) []DiffLine {
	head := 0
	for head < min(len(before), len(after)) && before[head] == after[head] {
		head++
	}
	tail := 0
	for tail < min(len(before), len(after))-head && before[len(before)-1-tail] == after[len(after)-1-tail] {
		tail++
	}
	out := marked(nil, DiffSame, before[:head])
	out = append(out, diffMiddle(before[head:len(before)-tail], after[head:len(after)-tail])...)
	return marked(out, DiffSame, before[len(before)-tail:])
}

func marked(out []DiffLine, op DiffOp, lines []string) []DiffLine {
	for _, line := range lines {
		out = append(out, DiffLine{op, line})
	}
	return out
}

// diffMiddle finds the longest common subsequence by its table of lengths.
func diffMiddle(before, after []string) []DiffLine {
	if len(before)*len(after) > diffCells {
		return marked(marked(nil, DiffRemoved, before), DiffAdded, after)
	}
	width := len(after) + 1
	common := make([]int32, (len(before)+1)*width)
	for i := len(before) - 1; i >= 0; i-- {
		for j := len(after) - 1; j >= 0; j-- {
			if before[i] == after[j] {
				common[i*width+j] = common[(i+1)*width+j+1] + 1
			} else {
				common[i*width+j] = max(common[(i+1)*width+j], common[i*width+j+1])
			}
		}
	}
	var out []DiffLine
	i, j := 0, 0
	for i < len(before) && j < len(after) {
		switch {
		case before[i] == after[j]:
			out = append(out, DiffLine{DiffSame, before[i]})
			i, j = i+1, j+1
		case common[(i+1)*width+j] >= common[i*width+j+1]:
			out = append(out, DiffLine{DiffRemoved, before[i]})
			i++
		default:
			out = append(out, DiffLine{DiffAdded, after[j]})
			j++
		}
	}
	return slices.Concat(out, marked(nil, DiffRemoved, before[i:]), marked(nil, DiffAdded, after[j:]))
}

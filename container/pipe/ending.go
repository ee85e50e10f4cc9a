package pipe

import "bytes"

// trailerWindow is where the trailer is looked for, in bytes from the end; a longer trailer widens it.
const trailerWindow = 4 << 10

// ending counts what is written to it and keeps the last bytes, as many as the check needs.
type ending struct {
	trailer string
	size    int64
	last    []byte
}

func (e *ending) Write(p []byte) (int, error) {
	keep := max(trailerWindow, 2*len(e.trailer))
	e.size += int64(len(p))
	e.last = append(e.last, p[max(len(p)-keep, 0):]...)
	if over := len(e.last) - keep; over > 0 {
		e.last = append(e.last[:0], e.last[over:]...)
	}
	return len(p), nil
}

// check returns an error if the output is empty or lacks the trailer.
func (e *ending) check(producer string) error {
	if e.size == 0 {
		return failure(ExitNotWhole, "%s ended with exit code 0 but wrote nothing; nothing was stored", producer)
	}
	if !bytes.Contains(e.last, []byte(e.trailer)) {
		return failure(ExitNotWhole, "%s ended with exit code 0 but its output does not end with %q: it is cut short; nothing was stored", producer, e.trailer)
	}
	return nil
}

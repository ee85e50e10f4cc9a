package pipe

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTrailerIsFoundHoweverItIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		trailer := strings.Repeat("end!", rapid.SampledFrom([]int{1, 5, 2_000}).Draw(t, "trailer length"))
		before := strings.Repeat("x", rapid.IntRange(0, 20_000).Draw(t, "before"))
		after := strings.Repeat("y", rapid.SampledFrom([]int{0, 1, 1_000, 20_000}).Draw(t, "after"))
		whole := rapid.Bool().Draw(t, "whole")
		text := before + trailer + after
		if !whole {
			text = before + trailer[1:] + after
		}
		e := &ending{trailer: trailer}
		for rest := text; rest != ""; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "chunk")
			_, _ = e.Write([]byte(rest[:n]))
			rest = rest[n:]
		}
		near := len(after) <= 1_000
		if found := e.check("producer") == nil; found != (whole && near) || e.size != int64(len(text)) {
			t.Fatalf("found %t with %d bytes behind it, whole %t; counted %d of %d", found, len(after), whole, e.size, len(text))
		}
	})
}

package supervise

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func write(secrets []string, chunks ...string) string {
	t := tail{secrets: secrets}
	for _, chunk := range chunks {
		_, _ = t.Write([]byte(chunk))
	}
	return t.String()
}

// text is written in chunks, some of them longer than the tail.
func chunks(t *rapid.T, piece *rapid.Generator[string]) []string {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
		return strings.Repeat(piece.Draw(t, "piece"), rapid.SampledFrom([]int{1, 10, 700, 20_000}).Draw(t, "times"))
	}), 0, 6).Draw(t, "chunks")
}

func TestTailOfValidTextIsItsEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		written := chunks(t, rapid.StringOfN(rapid.OneOf(rapid.Rune(), rapid.Just('\n')), 0, 8, -1))
		all := strings.Join(written, "")
		got := write(nil, written...)
		switch {
		case len(got) > maxTail || !utf8.ValidString(got) || !strings.HasSuffix(all, got):
			t.Fatalf("%d bytes, valid %t, the end of the input %t", len(got), utf8.ValidString(got), strings.HasSuffix(all, got))
		case len(all) <= maxTail && got != all:
			t.Fatalf("%d of %d bytes are kept", len(got), len(all))
		case all != "" && got == "":
			t.Fatal("nothing is kept")
		case len(got) < len(all):
			cut := all[:len(all)-len(got)]
			window := all[max(len(all)-maxTail, 0):]
			if !strings.HasSuffix(cut, "\n") && strings.Contains(strings.TrimSuffix(window, "\n"), "\n") {
				t.Fatalf("it begins within a line, after %q", cut[max(len(cut)-10, 0):])
			}
		}
	})
}

func TestTailOfAnyBytesIsValidAndShort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		got := write(nil, chunks(t, rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 8), func(b []byte) string { return string(b) }))...)
		if len(got) > maxTail || !utf8.ValidString(got) {
			t.Fatalf("%d bytes, valid %t", len(got), utf8.ValidString(got))
		}
	})
}

func TestTailShowsNoPartOfASecretThatTheCutLeft(t *testing.T) {
	const secret = "hunter2-hunter2"
	for length := maxTail - 2*len(secret); length <= maxTail+len(secret); length++ {
		got := write([]string{secret}, strings.Repeat("y", 100)+secret+strings.Repeat("x", length))
		if strings.Trim(strings.ReplaceAll(got, "***", ""), "xy") != "" {
			t.Fatalf("with %d bytes behind the secret the tail begins %.30q", length, got)
		}
	}
}

func TestMaskPrefersTheLongerSecret(t *testing.T) {
	if got := mask("pass password pass", []string{"pass", "password", ""}); got != "*** *** ***" {
		t.Fatalf("got %q", got)
	}
}

func TestCauseFitsWhateverTheTextIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		long := rapid.Custom(func(t *rapid.T) string {
			piece := rapid.SampledFrom([]string{"\x00", "\x00\n", "<é>\n", "\"", "\xff", "plain text\n"}).Draw(t, "piece")
			return strings.Repeat(piece, rapid.IntRange(0, 20_000).Draw(t, "times"))
		})
		c := cause{
			Reason: long.Draw(t, "reason"), Command: long.Draw(t, "command"),
			Tail: write(nil, long.Draw(t, "tail")),
		}
		text := c.encode(nil)
		var back cause
		if err := json.Unmarshal([]byte(text), &back); err != nil {
			t.Fatal(err)
		}
		if len(text) > maxCause || !strings.HasSuffix(c.Tail, back.Tail) {
			t.Fatalf("%d bytes, the end of the tail %t", len(text), strings.HasSuffix(c.Tail, back.Tail))
		}
		if c.Tail != "" && back.Tail == "" {
			t.Fatal("the tail was dropped whole")
		}
	})
}

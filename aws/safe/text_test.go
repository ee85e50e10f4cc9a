package safe_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stepdeck/stepdeck/aws/safe"
)

func TestLineKeepsNothingThatATerminalObeys(t *testing.T) {
	for name, c := range map[string]struct{ raw, want string }{
		"plain text":                     {"mysqldump: Error 2013", "mysqldump: Error 2013"},
		"letters of any script":          {"größe 表 ñ", "größe 表 ñ"},
		"colour":                         {"\x1b[1;31mred\x1b[0m", "red"},
		"colour in 8-bit form":           {"a\x9b31mb", "ab"},
		"colour in encoded 8-bit form":   {"a\u009b31mb", "ab"},
		"window title":                   {"a\x1b]0;owned\x07b", "ab"},
		"clipboard, ended by ST":         {"a\x1b]52;c;cm0gLXJm\x1b\\b", "ab"},
		"hyperlink":                      {"\x1b]8;;http://x\x1b\\y\x1b]8;;\x1b\\", "y"},
		"device control":                 {"a\x1bPq#0\x1b\\b", "ab"},
		"application command":            {"a\x1b_Gf=100;AAAA\x1b\\b", "ab"},
		"privacy message":                {"a\x1b^secret\x1b\\b", "ab"},
		"start of string, 8-bit":         {"a\u0098x\u009cb", "ab"},
		"reset":                          {"a\x1bcb", "ab"},
		"character set":                  {"a\x1b(0b", "ab"},
		"escape at the end":              {"a\x1b", "a"},
		"open string keeps the evidence": {"a\x1b]0;rm -rf failed", "a0;rm -rf failed"},
		"sequence inside a sequence":     {"a\x1b[3\x1b[31mb", "ab"},
		"overwriting with CR":            {"FAILED\rOK", "FAILED␍OK"},
		"overwriting with BS":            {"no\b\bok", "nook"},
		"NUL, BEL and DEL":               {"a\x00\x07\x7fb", "ab"},
		"tab":                            {"ab\tc", "ab      c"},
		"reordering":                     {"a\u202egpj.exe", "a\ufffdgpj.exe"},
		"isolates":                       {"a\u2066b\u2069", "a\ufffdb\ufffd"},
		"zero width":                     {"pay\u200bpal\ufeff", "pay\ufffdpal\ufffd"},
		"tag characters":                 {"a\U000e0041b", "a\ufffdb"},
		"line separator":                 {"a\u2028b", "a\ufffdb"},
		"variation selector":             {"☀\ufe0f", "☀"},
		"bytes that are no text":         {"a\xff\xfeb", "a\ufffd\ufffdb"},
		"line break":                     {"a\nb\r\nc", "a␤b␤c"},
		"line break at the end":          {"done\r\n", "done"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := safe.Line(c.raw).String(); got != c.want {
				t.Errorf("Line(%q) = %q, want %q", c.raw, got, c.want)
			}
		})
	}
}

func TestBlockKeepsLineBreaks(t *testing.T) {
	block := safe.Block("first\r\n\tsecond\x1b[2J\nthird\n")
	if want := "first\n        second\nthird\n"; block.String() != want {
		t.Errorf("got %q, want %q", block, want)
	}
	if got := len(block.Lines()); got != 3 {
		t.Errorf("%d lines, want 3", got)
	}
	if got := block.FirstLine().String(); got != "first" {
		t.Errorf("first line %q", got)
	}
	if got := block.OneLine().String(); got != "first␤        second␤third" {
		t.Errorf("one line %q", got)
	}
}

func TestManyOpenStringsAreReadOnce(t *testing.T) {
	// Quadratic work would take minutes here.
	raw := strings.Repeat("\x1b]", 1<<20)
	if got := safe.Line(raw); !got.Empty() {
		t.Errorf("%d bytes left of introducers", len(got.String()))
	}
}

func TestJSONComesInSanitised(t *testing.T) {
	var got struct{ Name safe.Text }
	if err := json.Unmarshal([]byte(`{"Name":"a\u001b[31mb"}`), &got); err != nil {
		t.Fatal(err)
	}
	if got.Name != safe.Line("ab") {
		t.Errorf("got %q", got.Name)
	}
	out, err := json.Marshal(got)
	if err != nil || string(out) != `{"Name":"ab"}` {
		t.Errorf("written as %s (%v)", out, err)
	}
}

func FuzzTextIsSafe(f *testing.F) {
	for _, seed := range []string{"", "plain", "\x1b[31m", "\x1b]0;x\x07", "a\xc2\x9cb", "\xe2\x80\xae", "\t\r\n", "\x1b\x1b[\x1b]\x9c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		line, block := safe.Line(raw), safe.Block(raw)
		requireSafe(t, line.String(), false)
		requireSafe(t, block.String(), true)
		if again := safe.Line(line.String()); again != line {
			t.Errorf("Line is not idempotent: %q, then %q", line, again)
		}
		if again := safe.Block(block.String()); again != block {
			t.Errorf("Block is not idempotent: %q, then %q", block, again)
		}
		for width := range 6 {
			for name, cut := range map[string]safe.Text{
				"Truncate": line.Truncate(width), "TruncateLeft": line.TruncateLeft(width), "TruncateMiddle": line.TruncateMiddle(width),
			} {
				if cut.Width() > width {
					t.Errorf("%s(%d) of %q takes %d cells: %q", name, width, line, cut.Width(), cut)
				}
				requireSafe(t, cut.String(), false)
			}
		}
	})
}

func requireSafe(t *testing.T, s string, newlines bool) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Errorf("invalid UTF-8 in %q", s)
	}
	for _, r := range s {
		switch {
		case r == '\n' && newlines:
		case r < 0x20, r >= 0x7f && r <= 0x9f:
			t.Errorf("control character %U in %q", r, s)
		case r == 0x061c, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff, r >= 0xe0000 && r <= 0xe0fff:
			t.Errorf("misleading character %U in %q", r, s)
		}
	}
}

func TestPlainTextCostsNothing(t *testing.T) {
	raw := strings.Repeat("2026-11-23 02:41:07 dumping table orders ", 5)
	if allocs := testing.AllocsPerRun(100, func() { _ = safe.Line(raw) }); allocs != 0 {
		t.Errorf("%v allocations for plain text, want none", allocs)
	}
}

func BenchmarkLinePlain(b *testing.B) {
	raw := strings.Repeat("2026-11-23 02:41:07 dumping table orders ", 3)
	b.ReportAllocs()
	for b.Loop() {
		_ = safe.Line(raw)
	}
}

func BenchmarkLineColoured(b *testing.B) {
	raw := strings.Repeat("\x1b[32mINFO\x1b[0m größe 12\t", 5)
	b.ReportAllocs()
	for b.Loop() {
		_ = safe.Line(raw)
	}
}

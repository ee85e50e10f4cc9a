package safe_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
)

func TestCuttingKeepsWhatTells(t *testing.T) {
	arn := safe.Line("arn:aws:states:eu-west-1:1:execution:dumps:orders")
	for name, c := range map[string]struct{ got, want string }{
		"end":                  {arn.Truncate(10).String(), "arn:aws:s…"},
		"start":                {arn.TruncateLeft(10).String(), "…ps:orders"},
		"middle":               {arn.TruncateMiddle(11).String(), "arn:a…rders"},
		"what fits stays":      {safe.Line("abc").Truncate(3).String(), "abc"},
		"no room":              {safe.Line("abc").Truncate(0).String(), ""},
		"wide characters":      {safe.Line("表表表").Truncate(4).String(), "表…"},
		"wide characters left": {safe.Line("表表表").TruncateLeft(4).String(), "…表"},
		"padding":              {safe.Line("ab").Pad(4).String(), "ab  "},
		"padding wide":         {safe.Line("表").Pad(4).String(), "表  "},
		"padding cuts":         {safe.Line("abcdef").Pad(4).String(), "abc…"},
		"padding left":         {safe.Line("7").PadLeft(3).String(), "  7"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.got != c.want {
				t.Errorf("got %q, want %q", c.got, c.want)
			}
		})
	}
}

func TestSearchIsSmartCase(t *testing.T) {
	text := safe.Line("ERROR: Lost Connection to größe ÄRGER")
	for pattern, want := range map[string]bool{
		"": true, "lost connection": true, "error": true, "Lost": true, "lost Connection": false, "LOST": false,
		"ärger": true, "GRÖSSE": false, "timeout": false,
	} {
		if got := safe.NewFold(pattern).Match(text); got != want {
			t.Errorf("%q: match %v, want %v", pattern, got, want)
		}
	}
	start, end := safe.NewFold("connection").Find(text, 0)
	if got := text.String()[start:end]; got != "Connection" {
		t.Errorf("found %q", got)
	}
	if start, _ := safe.NewFold("connection").Find(text, end); start != -1 {
		t.Errorf("found it twice, at %d", start)
	}
}

func TestHumanNumbers(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		got  safe.Text
		want string
	}{
		{safe.Duration(350 * time.Millisecond), "350ms"},
		{safe.Duration(2400 * time.Millisecond), "2.4s"},
		{safe.Duration(42 * time.Second), "42s"},
		{safe.Duration(41*time.Minute + 12*time.Second), "41m 12s"},
		{safe.Duration(2 * time.Hour), "2h"},
		{safe.Duration(51 * time.Hour), "2d 3h"},
		{safe.Duration(-time.Minute), "-1m"},
		{safe.Age(now.Add(-300*time.Millisecond), now), "now"},
		{safe.Age(now.Add(-4*time.Second), now), "4s"},
		{safe.Age(now.Add(-90*time.Minute), now), "1h"},
		{safe.Age(now.Add(-100*time.Hour), now), "4d"},
		{safe.Age(time.Time{}, now), ""},
		{safe.Bytes(512), "512 B"},
		{safe.Bytes(1536), "1.5 KiB"},
		{safe.Bytes(64 << 20), "64 MiB"},
		{safe.Bytes(3 << 40), "3.0 TiB"},
		{safe.Count(8192), "8,192"},
		{safe.Count(-1000000), "-1,000,000"},
		{safe.Count(12), "12"},
	} {
		if c.got.String() != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestTheLeastDurationIsWritten(t *testing.T) {
	if got := safe.Duration(math.MinInt64).String(); !strings.HasPrefix(got, "-106751d") {
		t.Errorf("got %q", got)
	}
}

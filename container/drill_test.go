//go:build unix

package container_test

import (
	"bufio"
	"context"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"
)

func TestDrillEndsAsTold(t *testing.T) {
	for _, c := range []struct {
		name     string
		words    []string
		code     int
		sentence string
	}{
		{"succeed", []string{"succeed"}, 0, ""},
		{"fail", []string{"fail"}, 1, "failing with 1, as told"},
		{"fail with a code", []string{"fail", "75"}, 75, "failing with 75"},
		{"killed", []string{"die"}, 137, ""},
		{"memory that nothing minds", []string{"oom", "16"}, 1, "16 MiB were held and nothing killed the task"},
		{"no mode", nil, 64, "no mode. See drill --help."},
		{"unknown mode", []string{"explode"}, 64, "explode is not a mode"},
		{"unknown option", []string{"fail", "--loudly"}, 64, "unknown option --loudly"},
		{"code too large", []string{"fail", "256"}, 64, "the exit code is 256; give a whole number from 1 to 255"},
		{"code that is none", []string{"fail", "x"}, 64, "the exit code is x"},
		{"value where none goes", []string{"hang", "3"}, 64, "hang takes no value, but 3 was given"},
		{"too many words", []string{"fail", "3", "4"}, 64, "4 is one word too many"},
		{"bad wait", []string{"succeed", "--after=soon"}, 64, "--after is soon; give a whole number from 0 to 86400"},
		{"pid1 elsewhere", []string{"fail", "--pid1"}, 64, "--pid1 goes with die only"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			job(t, nil, append([]string{"drill"}, c.words...)...).wantEnd(t, c.code, c.sentence)
		})
	}
}

func TestDrillSucceedsWithOutput(t *testing.T) {
	got := job(t, nil, "drill", "succeed", "--after", "2")
	got.wantEnd(t, 0, "")
	got.wantOutput(t, map[string]string{"seconds": "2", "note": `the drill ended well, "quotes" and all`})
	for _, line := range []string{"drill: succeed: 1 of 2 s\n", "drill: succeed: 2 of 2 s\n"} {
		if !strings.Contains(got.stdout, line) {
			t.Errorf("no progress %q in %q", line, got.stdout)
		}
	}
}

func TestDrillKillsItsSupervisor(t *testing.T) {
	job(t, nil, "steprun", "drill", "die", "--pid1").wantEnd(t, 137, "")
}

func TestDrillTakesAllTheMemoryThereIs(t *testing.T) {
	got := job(t, nil, "bash", "-c", "ulimit -v 100000; exec drill oom")
	if got.code == 0 || !strings.Contains(got.stdout, "drill: oom: 8 MiB") || strings.Contains(got.stderr, "nothing killed") {
		t.Errorf("ended with %d, %s and %s", got.code, got.stdout, got.stderr)
	}
}

func TestDrillFloods(t *testing.T) {
	if got := job(t, nil, "drill", "flood", "2500"); strings.Count(got.stdout, "the quick brown fox") != 2500 {
		t.Errorf("%d lines", strings.Count(got.stdout, "\n"))
	}
}

func TestDrillAttacksTerminals(t *testing.T) {
	got := job(t, nil, "drill", "hostile")
	got.wantEnd(t, 0, "")
	for what, text := range map[string]string{
		"an erased screen": "\x1b[2J", "the clipboard": "\x1b]52;c;", "a title": "\x1b]0;", "a link": "\x1b]8;;", "a C1 control": "\u009b2J",
		"right to left": "\u202e", "zero width": "\u200b", "wide": "日本語", "a return": "hides\rall is well", "null": "\x00", "bell": "\a",
	} {
		if !strings.Contains(got.stdout, text) {
			t.Errorf("%s (%q) is missing", what, text)
		}
	}
	if utf8.ValidString(got.stdout) {
		t.Error("broken UTF-8 is missing")
	}
}

// signalled starts a drill, sends SIGTERM to its process group once it hangs, and returns what it says then.
func signalled(t *testing.T, mode string) (said string, wait func() result, kill func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	cmd, end := command(ctx, t, nil, "drill", mode)
	cmd.Stdout = nil
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(pipe)
	sent := false
	for lines.Scan() {
		if sent && (strings.Contains(lines.Text(), "ignored") || strings.Contains(lines.Text(), "told to end")) {
			said = lines.Text()
			break
		}
		if !sent && strings.HasSuffix(lines.Text(), "1 s") {
			sent = true
			if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
		}
	}
	return said, func() result { return end(cmd.Wait()) }, cancel
}

func TestDrillHangsUntilItIsTold(t *testing.T) {
	said, wait, _ := signalled(t, "hang")
	if got := wait(); got.code != 143 || said != "drill: hang: told to end" {
		t.Errorf("said %q and ended with %d", said, got.code)
	}
}

func TestDrillIsDeaf(t *testing.T) {
	said, wait, kill := signalled(t, "deaf")
	kill()
	if got := wait(); got.code != 137 || said != "drill: deaf: SIGTERM ignored" {
		t.Errorf("said %q and ended with %d, want it to need SIGKILL", said, got.code)
	}
}

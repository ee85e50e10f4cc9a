package supervise

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// maxTail is how much of the job's stdout and stderr a cause keeps, in bytes.
const maxTail = 16 << 10

// tail keeps the end of what is written to it; several goroutines may write. Its zero value is ready.
type tail struct {
	mu      sync.Mutex
	secrets []string
	last    []byte
	dropped bool
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, p...)
	if over := len(t.last) - maxTail; over > 0 {
		t.last = append(t.last[:0], t.last[over:]...)
		t.dropped = true
	}
	return len(p), nil
}

// String returns at most maxTail bytes of valid UTF-8 with the secrets masked, beginning with a whole
// line if what was dropped leaves one.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := string(t.last)
	if !t.dropped {
		return lastLines(strings.ToValidUTF8(mask(text, t.secrets), "\uFFFD"), maxTail)
	}
	text = mask(cutSecretRest(text, t.secrets), t.secrets)
	text = strings.ToValidUTF8(fromRune(text), "\uFFFD")
	return fromLine(text[max(len(text)-maxTail, 0):])
}

// lastLines returns at most limit bytes from the end of text; when something is cut, it begins after
// the first line break that is left, or at a character if no line break is left.
func lastLines(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return fromLine(text[len(text)-max(limit, 0):])
}

// fromLine drops what a cut left of a line, or only of a character if no line break follows.
func fromLine(text string) string {
	if line := strings.IndexByte(text, '\n'); line >= 0 && line+1 < len(text) {
		return text[line+1:]
	}
	return fromRune(text)
}

// fromRune drops the rest of a character whose start was cut off.
func fromRune(text string) string {
	for len(text) > 0 && !utf8.RuneStart(text[0]) {
		text = text[1:]
	}
	return text
}

// mask replaces every secret by ***, longer ones first.
func mask(text string, secrets []string) string {
	secrets = slices.SortedFunc(slices.Values(secrets), func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return text
}

// cutSecretRest removes the end of a secret whose start may have been dropped in front of text, or all
// of one: a secret that repeats itself looks like both.
func cutSecretRest(text string, secrets []string) string {
	longest := 0
	for _, secret := range secrets {
		for from := range len(secret) {
			if strings.HasPrefix(text, secret[from:]) {
				longest = max(longest, len(secret)-from)
				break
			}
		}
	}
	return text[longest:]
}

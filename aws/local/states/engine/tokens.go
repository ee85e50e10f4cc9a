package engine

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"

	"github.com/stepdeck/stepdeck/aws/local/store"
)

const (
	// tokenPrefix begins every task token, as AWS's do.
	tokenPrefix = "AQCAAAAAKgAAAAMAAAAA"
	// tokenRandom and the signature make a token about as long as AWS's.
	tokenRandom = 448
	keyBucket   = "states.key"
	keyName     = "tokens"
)

// tokens knows the open task tokens. A token is signed, so that one that was
// answered long ago can be told from one that never was.
type tokens struct {
	key []byte

	mu   sync.Mutex
	open map[string]holder
}

// holder is who waits for a token's answer.
type holder struct {
	run   *Run
	frame *frame
}

func newTokens(s *store.Store) (*tokens, error) {
	t := &tokens{open: map[string]holder{}}
	_, err := s.Get(keyBucket, keyName, &t.key)
	if err != nil {
		return nil, fmt.Errorf("load the key of task tokens: %w", err)
	}
	if len(t.key) > 0 {
		return t, nil
	}
	t.key = make([]byte, sha256.Size)
	_, _ = rand.Read(t.key)
	if err := s.Put(keyBucket, keyName, t.key); err != nil {
		return nil, fmt.Errorf("keep the key of task tokens: %w", err)
	}
	return t, nil
}

// issue makes a token that nobody holds yet.
func (t *tokens) issue() string {
	raw := make([]byte, tokenRandom)
	_, _ = rand.Read(raw)
	return tokenPrefix + base64.StdEncoding.EncodeToString(append(raw, t.sign(raw)...))
}

func (t *tokens) sign(raw []byte) []byte {
	mac := hmac.New(sha256.New, t.key)
	mac.Write(raw)
	return mac.Sum(nil)
}

// genuine says whether this local AWS issued the token at any time.
func (t *tokens) genuine(token string) bool {
	text, ok := strings.CutPrefix(token, tokenPrefix)
	if !ok {
		return false
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != tokenRandom+sha256.Size {
		return false
	}
	return hmac.Equal(raw[tokenRandom:], t.sign(raw[:tokenRandom]))
}

func (t *tokens) hold(token string, h holder) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open[token] = h
}

func (t *tokens) release(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, token)
}

func (t *tokens) find(token string) (holder, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h, ok := t.open[token]
	return h, ok
}

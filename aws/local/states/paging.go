package states

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// pageTokenLife is how long a page token works (AWS: 24 hours).
const pageTokenLife = 24 * time.Hour

// page is where the next page of a list begins. List ties it to the request
// that it came from.
type page struct {
	List  string
	After string `json:",omitempty"`
	ID    int64  `json:",omitempty"`
	Made  time.Time
}

func (s *Service) pageToken(p page) *string {
	p.Made = s.opts.Clock.Now()
	text, err := json.Marshal(p)
	if err != nil {
		return nil
	}
	token := base64.URLEncoding.EncodeToString(text)
	return &token
}

// readPage is the page that a token of the list stands for; nil without a token.
func (s *Service) readPage(token *string, list string) (*page, error) {
	if token == nil {
		return nil, nil
	}
	text, err := base64.URLEncoding.DecodeString(*token)
	p := &page{}
	if err != nil || json.Unmarshal(text, p) != nil || p.List != list || s.opts.Clock.Now().Sub(p.Made) > pageTokenLife {
		return nil, invalidToken()
	}
	return p, nil
}

func invalidToken() error { return wire.Errorf("InvalidToken", "Invalid Token: 'Invalid token'") }

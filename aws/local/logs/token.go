package logs

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// position is the place of an event among those of a group.
type position struct {
	at          int64
	stream, seq uint64
}

// The digits of an id, which sorts as its position does: a leading 3, the time,
// the stream's number, the event's number.
const (
	timeDigits   = 19
	numberDigits = 18
	idLength     = 1 + timeDigits + 2*numberDigits
)

// id is the position as the 56 digits of an event id.
func (p position) id() string {
	return fmt.Sprintf("3%0*d%0*d%0*d", timeDigits, p.at, numberDigits, p.stream, numberDigits, p.seq)
}

func parseID(id string) (position, bool) {
	if len(id) != idLength || id[0] != '3' {
		return position{}, false
	}
	at, errAt := strconv.ParseUint(id[1:1+timeDigits], 10, 63)
	number, errNumber := strconv.ParseUint(id[1+timeDigits:1+timeDigits+numberDigits], 10, 64)
	seq, errSeq := strconv.ParseUint(id[1+timeDigits+numberDigits:], 10, 64)
	return position{int64(at), number, seq}, errAt == nil && errNumber == nil && errSeq == nil
}

// A token of GetLogEvents is a direction and an id: forward goes on with the
// events behind it, backward with those before it.
const (
	forward  = 'f'
	backward = 'b'
)

func streamToken(direction byte, p position) string {
	return string(direction) + "/" + p.id() + "/s"
}

func parseStreamToken(token string, number uint64) (direction byte, p position, err error) {
	id, ok := strings.CutSuffix(token, "/s")
	if !ok || len(id) < 2 || id[1] != '/' || id[0] != forward && id[0] != backward {
		return 0, position{}, errToken
	}
	p, ok = parseID(id[2:])
	if !ok || p.stream != number {
		return 0, position{}, errToken
	}
	return id[0], p, nil
}

// encodeToken hides what a list is to go on with; kind keeps one list's tokens
// from another's.
func encodeToken(kind, after string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(kind + ":" + after))
}

func decodeToken(kind, token string) (string, error) {
	if token == "" {
		return "", nil
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	after, ok := strings.CutPrefix(string(text), kind+":")
	if err != nil || !ok {
		return "", errToken
	}
	return after, nil
}

package workflow

import (
	"errors"
	"strings"
)

// safeInWord are the characters besides letters and digits that a POSIX shell leaves alone.
const safeInWord = "_@%+=:,./-"

// QuoteWord writes a word so that a POSIX shell, and SplitWords, read it as it is.
func QuoteWord(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(safeInWord, r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// SplitWords reads words as a POSIX shell does, without expanding anything. On
// an error the words are those read with the quote closed at the end.
func SplitWords(line string) ([]string, error) {
	s := wordSplitter{words: []string{}}
	for _, r := range line {
		s.take(r)
	}
	if s.escape {
		s.word.WriteByte('\\')
	}
	s.end()
	if s.quote != 0 {
		return s.words, errors.New("a quote is not closed; close it, or write '\\'' for the sign itself")
	}
	return s.words, nil
}

type wordSplitter struct {
	words  []string
	word   strings.Builder
	inside bool // a word has begun, even if it is empty
	quote  rune // the open quote, or 0
	escape bool
}

func (s *wordSplitter) take(r rune) {
	switch {
	case s.escape:
		if s.quote == '"' && !strings.ContainsRune("\"\\$`", r) {
			s.word.WriteByte('\\')
		}
		s.word.WriteRune(r)
		s.escape = false
	case r == '\\' && s.quote != '\'':
		s.escape, s.inside = true, true
	case s.quote != 0:
		if r == s.quote {
			s.quote = 0
		} else {
			s.word.WriteRune(r)
		}
	case r == '\'' || r == '"':
		s.quote, s.inside = r, true
	case r == ' ' || r == '\t' || r == '\n':
		s.end()
	default:
		s.inside = true
		s.word.WriteRune(r)
	}
}

func (s *wordSplitter) end() {
	if s.inside {
		s.words = append(s.words, s.word.String())
	}
	s.word.Reset()
	s.inside = false
}

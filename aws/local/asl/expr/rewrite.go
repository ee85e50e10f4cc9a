package expr

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// rewriter prepares an expression for the JSONata library. The library edits
// the source with regular expressions before it parses it, which damages
// strings that hold ".", "/" or a quoted name; and a lambda that calls itself
// without end would exhaust the stack, which no recover can stop. So comments
// go, characters of strings are escaped, quoted names get backquotes, and every
// lambda asks guardName before its body.
type rewriter struct {
	in  string
	pos int
	out strings.Builder
	// last is the last significant byte written: it tells a division from a
	// regular expression and a quoted name from a string.
	last byte
}

func rewrite(source string) string {
	r := &rewriter{in: source}
	for r.pos < len(r.in) {
		r.next()
	}
	return r.out.String()
}

func (r *rewriter) next() {
	rest := r.in[r.pos:]
	c := rest[0]
	switch {
	case strings.HasPrefix(rest, "/*"):
		r.comment()
	case c == '"' || c == '\'':
		r.quoted(c)
	case c == '`':
		r.verbatim('`')
	case c == '/' && !r.operand():
		r.verbatim('/')
	case word(c):
		r.word()
	default:
		r.copy(1)
	}
}

func (r *rewriter) copy(n int) {
	s := r.in[r.pos : r.pos+n]
	r.out.WriteString(s)
	r.pos += n
	if s = strings.TrimSpace(s); s != "" {
		r.last = s[len(s)-1]
	}
}

func (r *rewriter) operand() bool {
	return word(r.last) || strings.IndexByte(")]}\"'`", r.last) >= 0
}

func word(c byte) bool {
	return c == '_' || c == '$' || c >= utf8.RuneSelf || unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c))
}

func (r *rewriter) comment() {
	end := strings.Index(r.in[r.pos+2:], "*/")
	if end < 0 {
		r.copy(len(r.in) - r.pos)
		return
	}
	r.out.WriteByte(' ')
	r.pos += 2 + end + 2
}

// closing returns the length of the token that starts at pos and ends with
// quote, or all that is left.
func (r *rewriter) closing(quote byte) int {
	for i := r.pos + 1; i < len(r.in); i++ {
		switch r.in[i] {
		case '\\':
			i++
		case quote:
			return i + 1 - r.pos
		}
	}
	return len(r.in) - r.pos
}

func (r *rewriter) verbatim(quote byte) { r.copy(r.closing(quote)) }

func (r *rewriter) quoted(quote byte) {
	n := r.closing(quote)
	text := r.in[r.pos : r.pos+n]
	r.pos += n
	if r.last == '.' && n >= 2 && !strings.ContainsAny(text, "\\`") {
		text = "`" + text[1:n-1] + "`"
	} else {
		text = escaper.Replace(text)
	}
	r.out.WriteString(text)
	r.last = text[len(text)-1]
}

var escaper = strings.NewReplacer(`\/`, `\u002f`, `\\`, `\\`, `/`, `\u002f`, `.`, `\u002e`)

func (r *rewriter) word() {
	n := 0
	for r.pos+n < len(r.in) && word(r.in[r.pos+n]) {
		n++
	}
	text := r.in[r.pos : r.pos+n]
	lambda := r.last != '.' && (text == "function" || text == "λ")
	r.copy(n)
	if lambda {
		r.lambda()
	}
}

// lambda copies parameters and signature, and puts the guard into the body.
func (r *rewriter) lambda() {
	r.space()
	if !r.group('(', ')') {
		return
	}
	r.space()
	r.group('<', '>')
	r.space()
	if strings.HasPrefix(r.in[r.pos:], "{") {
		r.copy(1)
		r.out.WriteString("$" + guardName + "()?")
	}
}

func (r *rewriter) space() {
	for r.pos < len(r.in) && strings.IndexByte(" \t\r\n", r.in[r.pos]) >= 0 {
		r.copy(1)
	}
}

// group copies from an opening character to the one that closes it.
func (r *rewriter) group(open, end byte) bool {
	depth := 0
	for i := r.pos; i < len(r.in); i++ {
		switch r.in[i] {
		case open:
			depth++
		case end:
			depth--
		}
		if depth > 0 {
			continue
		}
		if i == r.pos {
			return false
		}
		r.copy(i + 1 - r.pos)
		return true
	}
	return false
}

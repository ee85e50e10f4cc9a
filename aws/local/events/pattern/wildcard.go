package pattern

import "strings"

// parseWildcard reads a text in which * stands for any characters, \* for
// itself and \\ for a backslash.
func parseWildcard(text string) (matcher, error) {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && (text[i+1] == '*' || text[i+1] == '\\'):
			i++
		case text[i] == '\\':
			return matcher{}, invalid("Invalid escape character at pos %d", i)
		case text[i] == '*' && i+1 < len(text) && text[i+1] == '*':
			return matcher{}, invalid("Consecutive wildcard characters at pos %d", i)
		}
	}
	return matcher{kind: wildcard, text: text}, nil
}

// matchesWildcard takes time in proportion to the lengths' product at most.
func matchesWildcard(pattern, text string) bool {
	parts := splitWildcard(pattern)
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return text == first
	}
	rest, ok := strings.CutPrefix(text, first)
	if !ok {
		return false
	}
	if rest, ok = strings.CutSuffix(rest, last); !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return true
}

// splitWildcard gives the texts between the wildcards.
func splitWildcard(pattern string) []string {
	parts := []string{""}
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '*':
			parts = append(parts, "")
			continue
		case '\\':
			i++
		}
		parts[len(parts)-1] += pattern[i : i+1]
	}
	return parts
}

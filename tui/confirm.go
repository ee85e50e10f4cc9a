package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// Confirm asks before a change. No is chosen at first.
type Confirm struct {
	Title safe.Text
	// Targets name exactly what is changed; as many as fit are shown, and how
	// many more there are.
	Targets []safe.Text
	// Note says what will happen, a line each.
	Note []safe.Text
	// Yes is the verb on the button, such as "stop".
	Yes string
	// Word must be typed before yes counts. On a protected profile it is the
	// profile's name where it is empty.
	Word string
	Then func(Result) tea.Cmd

	yes   bool
	typed *edit
	wrong bool // what was typed when enter was pressed is not the word
}

func (c *Confirm) ready(e *Env) {
	if c.Yes == "" {
		c.Yes = "yes"
	}
	if c.Word == "" && e.Protected {
		c.Word = e.Where.Profile.Or(safe.Line("yes")).String()
	}
	c.yes, c.typed, c.wrong = false, nil, false
	if c.Word != "" {
		c.typed = newEdit("")
	}
}

func (c *Confirm) key(k tea.KeyPressMsg) (Result, bool) {
	if k.String() == "esc" {
		return Result{}, true
	}
	if c.typed != nil {
		if k.String() == "enter" {
			c.wrong = strings.TrimSpace(c.typed.value()) != c.Word
			return Result{OK: true}, !c.wrong
		}
		c.wrong = false
		c.typed.key(k)
		return Result{}, false
	}
	switch k.String() {
	case "y", "Y":
		return Result{OK: true}, true
	case "n", "N":
		return Result{}, true
	case "left", "right", "tab", "shift+tab", "h", "l":
		c.yes = !c.yes
	case "enter":
		return Result{OK: c.yes}, true
	}
	return Result{}, false
}

func (c *Confirm) paste(text string) {
	if c.typed != nil {
		c.typed.paste(text)
	}
}

func (c *Confirm) body(t *theme.Theme, w, h int) []string {
	var notes []string
	for _, n := range c.Note {
		notes = append(notes, wrap(n.String(), w)...)
	}
	room := max(1, h-len(notes)-4)
	var lines []string
	for i, target := range c.Targets {
		if i == room-1 && len(c.Targets) > room {
			lines = append(lines, t.Paint(theme.Dim, fmt.Sprintf("and %d more", len(c.Targets)-i)))
			break
		}
		lines = append(lines, t.Paint(theme.Strong, target.OneLine().TruncateMiddle(w).String()))
	}
	lines = append(append(lines, notes...), "")
	if c.typed != nil {
		ask := fmt.Sprintf("Type %s: ", safe.Line(c.Word).Truncate(w/2))
		return append(lines, ask+c.typed.view(w-cells(ask)))
	}
	return append(lines, button(t, c.Yes, c.yes)+"  "+button(t, "no", !c.yes))
}

func button(t *theme.Theme, label string, chosen bool) string {
	if chosen {
		return t.Paint(theme.Badge, "[ "+label+" ]")
	}
	return "  " + label + "  "
}

// wordCells are what the hint has for the word, which the line above shows longer.
const wordCells = 20

func (c *Confirm) heading() safe.Text { return c.Title }

func (c *Confirm) hint() string {
	switch {
	case c.wrong:
		return fmt.Sprintf("that is not %s: type it to %s · esc no", safe.Line(c.Word).Truncate(wordCells), c.Yes)
	case c.typed != nil:
		return "enter " + c.Yes + " · esc no"
	}
	return "y " + c.Yes + " · n no · esc no"
}

func (c *Confirm) then(r Result) tea.Cmd { return answer(c.Then, r) }

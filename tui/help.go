package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// helpScreen lists the keys of the screen it was opened over, then all others
// by their place, then the commands. Typing narrows it.
type helpScreen struct {
	env    *Env
	groups []helpGroup
	narrow *edit
	top    int
	height int
}

type helpGroup struct {
	name  string
	lines []helpLine
}

type helpLine struct{ key, text, disabled string }

func (r *Root) help() tea.Cmd {
	s := r.top()
	if _, open := s.screen.(*helpScreen); open {
		return nil
	}
	return Push(&helpScreen{env: r.env, narrow: newEdit(""), groups: r.helpGroups(s.screen)})
}

func (r *Root) helpGroups(over Screen) []helpGroup {
	here := helpGroup{name: "here: " + over.Title()}
	listed := map[ID]bool{}
	for _, a := range over.Actions() {
		b := BindingOf(a.ID)
		listed[a.ID] = true
		here.lines = append(here.lines, helpLine{key: b.Name(), text: b.Help, disabled: r.env.reason(a)})
	}
	groups := []helpGroup{here}
	var places []Place
	for _, b := range Bindings {
		if !slices.Contains(places, b.Place) {
			places = append(places, b.Place)
		}
	}
	for _, place := range places {
		g := helpGroup{name: string(place)}
		for _, b := range Bindings {
			if b.Place == place && !listed[b.ID] {
				g.lines = append(g.lines, helpLine{key: b.Name(), text: b.Help})
			}
		}
		groups = append(groups, g)
	}
	groups = append(groups, helpGroup{name: "commands", lines: r.commandHelp()})
	return slices.DeleteFunc(groups, func(g helpGroup) bool { return len(g.lines) == 0 })
}

// Title implements Screen.
func (*helpScreen) Title() string { return "help" }

// Open implements Screen.
func (*helpScreen) Open(*Scope) tea.Cmd { return nil }

// Actions implements Screen.
func (*helpScreen) Actions() []Action { return nil }

// Capturing implements Screen: what is typed narrows the list.
func (*helpScreen) Capturing() bool { return true }

// Update implements Screen.
func (h *helpScreen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		h.narrow.paste(msg.Content)
	case tea.KeyPressMsg:
		return h.key(msg)
	}
	return nil
}

func (h *helpScreen) key(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "esc":
		if h.narrow.value() == "" {
			return Pop()
		}
		h.narrow.set("")
	case "enter", "?":
		return Pop()
	case "down", "ctrl+n":
		h.top++
	case "up", "ctrl+p":
		h.top = max(0, h.top-1)
	case "pgdown", "ctrl+d":
		h.top += max(1, h.height/2)
	case "pgup", "ctrl+u":
		h.top = max(0, h.top-max(1, h.height/2))
	case "home":
		h.top = 0
	case "end":
		h.top = len(h.lines(80))
	default:
		if h.narrow.key(k) {
			h.top = 0
		}
	}
	return nil
}

// View implements Screen.
func (h *helpScreen) View(w, height int) string {
	t := h.env.Theme
	head := " " + t.Paint(theme.Key, "/") + h.narrow.view(min(w-2, 40)) +
		t.Paint(theme.Dim, "  type to narrow · esc back")
	lines := h.lines(w)
	h.height = height - 2
	h.top = max(0, min(h.top, len(lines)-h.height))
	return strings.Join(append([]string{head, ""}, excerpt(t, lines, h.top, w, h.height)...), "\n")
}

func (h *helpScreen) lines(w int) []string {
	t := h.env.Theme
	fold := safe.NewFold(h.narrow.value())
	var out []string
	for _, g := range h.groups {
		started := false
		for _, l := range g.lines {
			if !fold.Match(safe.Line(l.key + " " + l.text + " " + g.name)) {
				continue
			}
			if !started {
				out = append(out, " "+t.Paint(theme.Title, g.name))
				started = true
			}
			out = append(out, h.line(l, w)...)
		}
		if started {
			out = append(out, "")
		}
	}
	if len(out) == 0 {
		return []string{t.Paint(theme.Dim, " no key or command fits what was typed")}
	}
	return out
}

// line is the key and its sentence, which goes on below itself; the reason
// why it cannot be done now comes first.
func (h *helpScreen) line(l helpLine, w int) []string {
	t := h.env.Theme
	const indent = 3
	column := indent + max(18, cells(l.key)) + 1
	look := func(s string) string { return s }
	key := t.Paint(theme.Key, l.key)
	var texts []string
	if l.disabled != "" {
		key = t.Paint(theme.Dim, l.key)
		look = func(s string) string { return t.Paint(theme.Dim, s) }
		for _, reason := range wrap(l.disabled, w-column) {
			texts = append(texts, t.Paint(theme.Warning, reason))
		}
	}
	for _, text := range wrap(l.text, w-column) {
		texts = append(texts, look(text))
	}
	var out []string
	for i, text := range texts {
		head := repeat(" ", column)
		if i == 0 {
			head = repeat(" ", indent) + key + repeat(" ", column-indent-cells(l.key))
		}
		out = append(out, clip(head+text, w))
	}
	return out
}

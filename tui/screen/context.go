package screen

import (
	"context"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

// contextPage is what the context screen lets choose.
type contextPage int

const (
	chooseProfile contextPage = iota
	chooseRegion
	chooseRole
)

func (p contextPage) String() string { return [...]string{"profile", "region", "role"}[p] }

// contextScreen chooses whose AWS the console looks at.
type contextScreen struct {
	c     *Console
	s     *tui.Scope
	page  contextPage
	want  string // switched to at once when set
	table *widget.Table[string]
	// tableLine is where the last View began the table.
	tableLine int
	text      string
	to        Place
	busy      bool
	err       error
}

func newContext(c *Console, start contextPage) tui.Screen { return &contextScreen{c: c, page: start} }

// newContextAt switches to a value at once.
func newContextAt(c *Console, page contextPage, want string) tui.Screen {
	return &contextScreen{c: c, page: page, want: want}
}

func (x *contextScreen) Title() string   { return x.page.String() }
func (x *contextScreen) Capturing() bool { return false }

func (x *contextScreen) Open(s *tui.Scope) tea.Cmd {
	x.s = s
	x.table = widget.NewTable(s.Theme, func(v string) string { return v }, widget.Column[string]{
		Title: strings.ToUpper(x.page.String()), Min: 12, Weight: 1, Cell: x.label,
		Less: func(a, b string) bool { return a < b },
	})
	x.table.SetRows(x.choices())
	x.table.SetEmpty(safe.Linef("none is known; :%s NAME takes any", x.page))
	x.table.Select(x.now())
	switch {
	case x.want != "":
		return x.choose(x.want)
	case x.page == chooseRole:
		return x.askRole()
	}
	return nil
}

func (x *contextScreen) label(v string) safe.Text {
	if v == x.now() {
		return safe.Linef("%s  (now)", v)
	}
	return safe.Line(v)
}

func (x *contextScreen) now() string {
	p := x.c.Place
	return [...]string{p.Profile, p.Region, p.Role}[x.page]
}

func (x *contextScreen) choices() []string {
	switch x.page {
	case chooseProfile:
		return x.c.Profiles
	case chooseRegion:
		return x.c.Regions
	}
	if role := x.c.Place.Role; role != "" {
		return []string{role}
	}
	return nil
}

func (x *contextScreen) askRole() tea.Cmd {
	return tui.Ask(&tui.Prompt{
		Title: safe.Line("Assume a role"), Yes: "assume",
		Note:   []safe.Text{safe.Line("on top of the profile's credentials; empty goes back to the profile's own")},
		Fields: []tui.Field{{Label: safe.Line("ARN of the role"), Value: x.c.Place.Role, Check: checkRole}},
		Then: func(r tui.Result) tea.Cmd {
			if !r.OK {
				return tui.Pop()
			}
			return x.choose(strings.TrimSpace(r.Values[0]))
		},
	})
}

// checkRole checks the form of a role's ARN (AWS: arn:PARTITION:iam::ACCOUNT:role/NAME).
func checkRole(text string) error {
	text = strings.TrimSpace(text)
	if parts := strings.SplitN(text, ":", 6); text == "" || len(parts) == 6 && parts[0] == "arn" && parts[2] == "iam" && strings.HasPrefix(parts[5], "role/") {
		return nil
	}
	return errNoRole
}

// choose opens the other place. Nothing is sent to AWS by that.
func (x *contextScreen) choose(value string) tea.Cmd {
	to := x.c.Place
	to.Account, to.Local = "", to.Local && x.page != chooseProfile
	switch x.page {
	case chooseProfile:
		to.Profile, to.Role = value, ""
	case chooseRegion:
		to.Region = value
	case chooseRole:
		if err := checkRole(value); err != nil {
			x.err = err
			return nil
		}
		to.Role = value
	}
	if x.c.Switch == nil {
		x.err = errFixedPlace
		return nil
	}
	x.to, x.busy, x.err = to, true, nil
	return tui.Load(x.s, "switch", loadLimit, func(ctx context.Context) (*Console, error) { return x.c.Switch(ctx, to) })
}

func (x *contextScreen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tui.Loaded[*Console]:
		x.busy, x.err = false, msg.Err
		if msg.Err == nil {
			return x.c.leaveFor(msg.Value)
		}
	case tui.Tick:
		return x.choose(x.wanted())
	case tea.KeyPressMsg:
		x.table.Key(msg)
	case tea.MouseClickMsg:
		x.table.Click(msg.Y - x.tableLine)
	}
	return nil
}

// wanted is the value that was chosen last.
func (x *contextScreen) wanted() string {
	return [...]string{x.to.Profile, x.to.Region, x.to.Role}[x.page]
}

// leaveFor starts again in another place.
func (c *Console) leaveFor(next *Console) tea.Cmd {
	next.jobs = c.bulks()
	if next.seat = c.seat; next.seat != nil {
		next.seat.console = next
	}
	return tui.Restart(next.Place.Where(), next.Protected, NewHome(next))
}

func (x *contextScreen) Filter() string { return x.text }

// SetFilter shows the choices that hold the text.
func (x *contextScreen) SetFilter(text string) error {
	x.text = text
	fold := safe.NewFold(text)
	x.table.SetFilter(func(v string) bool { return fold.Match(safe.Line(v)) }, false)
	return nil
}

func (x *contextScreen) Actions() []tui.Action {
	if x.s == nil {
		return nil
	}
	value, ok := x.table.Current()
	none := ""
	switch {
	case x.busy:
		none = "it is being opened"
	case !ok:
		none = "nothing is under the cursor"
	}
	actions := []tui.Action{{ID: tui.KeyOpen, Disabled: none, Run: func() tea.Cmd { return x.choose(value) }}}
	if x.err != nil {
		actions = append(actions, tui.Action{ID: tui.KeyRefresh, Run: func() tea.Cmd { return x.choose(x.wanted()) }})
	}
	return actions
}

func (x *contextScreen) View(w, h int) string {
	if x.s == nil || h <= 0 {
		return fill(nil, w, h)
	}
	t, p := x.s.Theme, x.c.Place
	f := facts{t: t, w: w}
	who := []string{p.Profile, p.Account, p.Region}
	f.add(" now", theme.Strong, safe.Line(strings.Join(slices.DeleteFunc(who, func(s string) bool { return s == "" }), " · ")))
	f.add(" role", theme.Text, safe.Line(p.Role))
	f.add(" endpoint", theme.Text, safe.Line(p.Endpoint))
	if x.busy {
		f.add(" opening", theme.Running, safe.Line(x.wanted()))
	}
	x.tableLine = len(f.lines) + 1
	return stacked(append(f.lines, ""), inPlace(t, x.err, w, h, false), w, h, x.table.View)
}

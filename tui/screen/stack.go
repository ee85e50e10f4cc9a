package screen

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/stack"
	"github.com/stepdeck/stepdeck/aws/stack/template"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/widget"
)

const (
	stackPace = 10 * time.Second
	// imagePace is how old what is known of the image may get: each look takes several calls.
	imagePace = 2 * time.Minute
	// planLimit bounds the checks and AWS's making of a change set.
	planLimit  = 10 * time.Minute
	driftLimit = 10 * time.Minute
)

// stackTab is a tab of the stack screen.
type stackTab int

const (
	tabResources stackTab = iota
	tabParameters
	tabOutputs
	tabDrift
	tabImage
	tabLast
)

var stackTabNames = []string{"resources", "parameters", "outputs", "drift", "image", "last change"}

// stackScreen shows the stack and its image, and is where they are changed from.
type stackScreen struct {
	c   *Console
	s   *tui.Scope
	kit StackKit

	tab   stackTab
	table *widget.Table[stackRow] // of the tabs that are tables
	sheet sheet                   // of the others
	text  string

	state   *stack.State // nil: not read yet, or there is none
	absent  bool
	read    time.Time
	loading bool
	err     error
	refused error // why the last plan was not made

	parameters []template.Parameter
	// pending are values that the next plan is to have.
	pending map[string]string

	image     *imageLook
	imageErr  error
	imageRead time.Time
	drift     *stack.Drift
	driftErr  error
}

// newStack makes the screen of a stack; without a name of the usual one.
func newStack(c *Console, name string) tui.Screen {
	kit := c.Stack
	if name != "" {
		kit.Name = name
	}
	return &stackScreen{c: c, kit: kit, pending: map[string]string{}}
}

// noStack is why there is no stack screen.
func (c *Console) noStack() string {
	if c.Stack.Stacks == nil {
		return "this console was not given a stack to work on"
	}
	return ""
}

func (x *stackScreen) Title() string   { return "stack " + safe.Line(x.kit.Name).String() }
func (x *stackScreen) Capturing() bool { return false }

func (x *stackScreen) Open(s *tui.Scope) tea.Cmd {
	x.s = s
	// A template that cannot be read is refused, in words, by the plan.
	if t, err := template.Parse(x.kit.Source.Name, x.kit.Source.Body); err == nil {
		x.parameters = t.Parameters()
	}
	x.goTo(tabResources)
	return x.load()
}

func (x *stackScreen) load() tea.Cmd {
	x.loading = true
	return tui.Load(x.s, "status", loadLimit, func(ctx context.Context) (stack.State, error) {
		return x.kit.Stacks.Status(ctx, x.kit.Name)
	})
}

// reload is what r does: all is read anew.
func (x *stackScreen) reload() tea.Cmd {
	x.imageRead, x.refused = time.Time{}, nil
	return x.load()
}

func (x *stackScreen) Update(msg tea.Msg) tea.Cmd {
	if cmd, ok := acted(msg); ok {
		return cmd
	}
	switch msg := msg.(type) {
	case tui.Loaded[stack.State]:
		return x.took(msg.Value, msg.Err)
	case tui.Loaded[imageLook]:
		return x.tookImage(msg.Value, msg.Err)
	case tui.Loaded[*stack.Plan]:
		return x.planned(msg.Value, msg.Err)
	case tui.Loaded[stack.Drift]:
		x.drift, x.driftErr = &msg.Value, msg.Err
		if msg.Err != nil {
			x.drift = nil
		}
	case tui.Tick:
		return x.load()
	case tea.KeyPressMsg:
		return x.key(msg)
	}
	return nil
}

func (x *stackScreen) took(st stack.State, err error) tea.Cmd {
	x.loading = false
	x.absent = ops.KindOf(err) == ops.NotFound
	switch {
	case err == nil:
		x.state, x.err, x.read = &st, nil, x.s.Clock.Now()
	case x.absent:
		x.state, x.err, x.read = nil, nil, x.s.Clock.Now()
		x.image, x.imageErr = nil, nil
	default:
		x.err = err
	}
	x.arrange()
	return tea.Batch(x.lookAtImage(), tui.Again(x.s, "poll", stackPace, err))
}

// repository is the URI of the stack's repository, empty before there is one.
func (x *stackScreen) repository() string {
	if x.state == nil {
		return ""
	}
	return x.state.Stack.Output("RepositoryUri")
}

func (x *stackScreen) lookAtImage() tea.Cmd {
	if x.kit.Images == nil || x.repository() == "" || x.s.Clock.Now().Sub(x.imageRead) < imagePace || x.s.Busy("image") {
		return nil
	}
	_, name, _ := strings.Cut(x.repository(), "/")
	request := image.StatusRequest{Repository: name, Family: x.kit.Name + "-task"}
	architecture, deployed := x.state.Stack.Parameter("CpuArchitecture"), x.state.Image
	return tui.Load(x.s, "image", loadLimit, func(ctx context.Context) (look imageLook, err error) {
		if deployed != "" {
			described, err := x.kit.Images.Describe(ctx, deployed)
			look.base, look.undescribed = described.Base, err
		}
		if x.kit.Local != nil && look.undescribed == nil {
			request.Local, look.unbuilt = x.kit.Local(ctx, architecture, look.base)
		}
		look.Status, err = x.kit.Images.Status(ctx, request)
		return look, err
	})
}

// imageLook is the image where it is deployed, where it is newest, and here.
type imageLook struct {
	image.Status
	base image.Base // of the deployed image
	// undescribed is why that base is not known, unbuilt why there is no image here to compare.
	undescribed, unbuilt error
}

func (x *stackScreen) tookImage(look imageLook, err error) tea.Cmd {
	x.imageRead, x.imageErr = x.s.Clock.Now(), err
	// What was found of the image stays good where its scan could not be read.
	if err == nil || look.Repository != "" {
		x.image = &look
	}
	return nil
}

func (x *stackScreen) key(k tea.KeyPressMsg) tea.Cmd {
	switch key := k.String(); {
	case key == "tab":
		x.goTo((x.tab + 1) % stackTab(len(stackTabNames)))
	case key == "shift+tab":
		x.goTo((x.tab + stackTab(len(stackTabNames)) - 1) % stackTab(len(stackTabNames)))
	case len(key) == 1 && key >= "1" && key <= "9":
		if tab := stackTab(key[0] - '1'); int(tab) < len(stackTabNames) {
			x.goTo(tab)
		}
	case x.isTable():
		x.table.Key(k)
	default:
		x.sheet.key(key)
	}
	return nil
}

func (x *stackScreen) isTable() bool { return x.tab <= tabOutputs }

func (x *stackScreen) goTo(tab stackTab) {
	x.tab, x.sheet = tab, sheet{}
	if x.isTable() {
		x.table = widget.NewTable(x.s.Theme, func(r stackRow) string { return r.name }, stackColumns(x.s, tab)...)
		x.arrange()
	}
}

// arrange hands the open tab's rows to its table.
func (x *stackScreen) arrange() {
	if !x.isTable() {
		return
	}
	x.table.SetEmpty(x.nothing())
	x.table.SetRows(x.rows())
	_ = x.SetFilter(x.text) // words are never wrong
}

func (x *stackScreen) nothing() safe.Text {
	switch {
	case x.read.IsZero():
		return safe.Line("reading…")
	case x.absent:
		return safe.Linef("there is no stack %s here yet: U plans its first deployment", x.kit.Name)
	}
	return safe.Line("nothing here")
}

// Freshness is when the stack was read.
func (x *stackScreen) Freshness() (read time.Time, loading bool, missing string) {
	return x.read, x.loading, ""
}

// Filter is the text of the filter.
func (x *stackScreen) Filter() string { return x.text }

// SetFilter shows the rows that hold every word of the text.
func (x *stackScreen) SetFilter(text string) error {
	x.text = text
	var folds []safe.Fold
	for word := range strings.FieldsSeq(text) {
		folds = append(folds, safe.NewFold(word))
	}
	x.table.SetFilter(func(r stackRow) bool {
		for _, f := range folds {
			if !f.Match(r.said()) {
				return false
			}
		}
		return true
	}, false)
	return nil
}

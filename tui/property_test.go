package tui_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// chaos is a console whose screens do everything at random.
type chaos struct {
	t       *rapid.T
	d       *tuitest.Driver
	w, h    int
	pending []chan string

	mu       sync.Mutex
	contexts []context.Context
}

// keep notes the context of work that was started.
func (c *chaos) keep(ctx context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.contexts = append(c.contexts, ctx)
}

func (c *chaos) screen(title string) *toy {
	s := newToy(title)
	s.missing = rapid.SampledFrom([]string{"", "first 100"}).Draw(c.t, "missing")
	s.read = time.Now()
	s.wild = rapid.Bool().Draw(c.t, "wild")
	s.selection = &tui.Selection{Value: title, URL: "https://example.org"}
	s.open = func(scope *tui.Scope) tea.Cmd { return tea.Batch(c.load(scope, "open"), c.stream(scope)) }
	s.act = func(scope *tui.Scope) tea.Cmd { return c.anything(scope) }
	return s
}

// load starts a request that is answered when the test chooses to.
func (c *chaos) load(s *tui.Scope, key string) tea.Cmd {
	value := make(chan string, 1)
	c.pending = append(c.pending, value)
	return tui.Load(s, key, time.Hour, func(ctx context.Context) (string, error) {
		c.keep(ctx)
		return answer(value)(ctx)
	})
}

func (c *chaos) stream(s *tui.Scope) tea.Cmd {
	return tui.Stream(s, "stream", func(ctx context.Context) (<-chan int, error) {
		c.keep(ctx)
		return make(chan int), nil
	})
}

var hostile = rapid.SampledFrom([]string{
	"run", "", "a very long text that does not fit into any of the boxes of the smallest window there is, and more",
	"\x1b[2J\x1b]52;c;aGk=\x07", "世界世界世界世界", "👩‍👩‍👧‍👦 family", "a\tb\rc\nd", "\u202eabc", "e\u0301\u0301", "\x00\x9b31m\xff",
})

func (c *chaos) text() safe.Text { return safe.Block(hostile.Draw(c.t, "text")) }

func (c *chaos) anything(s *tui.Scope) tea.Cmd {
	switch rapid.IntRange(0, 11).Draw(c.t, "what the action does") {
	case 0:
		return tui.Push(c.screen(c.text().OneLine().String()))
	case 1:
		return tui.Replace(c.screen(c.text().OneLine().String()))
	case 2:
		return tui.Ask(&tui.Confirm{Title: c.text(), Targets: []safe.Text{c.text(), c.text()}, Note: []safe.Text{c.text()}, Word: hostile.Draw(c.t, "word")})
	case 3:
		return tui.Ask(&tui.Choice{Title: c.text(), Options: []tui.Option{{Label: c.text(), Help: c.text()}, {Label: c.text()}}})
	case 4:
		return tui.Ask(&tui.Prompt{Title: c.text(), Note: []safe.Text{c.text()}, Fields: []tui.Field{{Label: c.text(), Value: hostile.Draw(c.t, "value")}, {Label: c.text()}}})
	case 5:
		return tui.Return()
	case 6:
		return tui.Toast(tui.ToastKind(rapid.IntRange(0, 3).Draw(c.t, "kind")), c.text())
	case 7:
		return tui.Attention(rapid.IntRange(0, 1e6).Draw(c.t, "failed"), 2)
	case 8:
		return tui.Again(s, "poll", time.Second, nil)
	case 9:
		return tui.Relocate(tui.Where{Profile: c.text(), Account: c.text(), Region: c.text(), Local: true})
	case 10:
		return tui.Pop()
	default:
		return c.load(s, "open")
	}
}

func (c *chaos) step() {
	switch rapid.IntRange(0, 9).Draw(c.t, "step") {
	case 0:
		c.w, c.h = rapid.IntRange(1, 300).Draw(c.t, "w"), rapid.IntRange(1, 100).Draw(c.t, "h")
		c.d.Send(tea.WindowSizeMsg{Width: c.w, Height: c.h})
	case 1:
		c.d.Send(tea.PasteMsg{Content: hostile.Draw(c.t, "paste")})
	case 2:
		c.d.Send(rapid.SampledFrom([]tea.Msg{
			tea.BlurMsg{},
			tea.FocusMsg{},
			tea.MouseWheelMsg{Button: tea.MouseWheelDown},
			tea.MouseClickMsg{X: 3, Y: 5},
			tea.BackgroundColorMsg{Color: white{}},
			tea.KeyReleaseMsg{Code: 'a'},
		}).Draw(c.t, "message"))
	case 3:
		c.d.Advance(time.Duration(rapid.IntRange(1, 5000).Draw(c.t, "ms")) * time.Millisecond)
	case 4:
		if len(c.pending) > 0 {
			i := rapid.IntRange(0, len(c.pending)-1).Draw(c.t, "answered")
			c.pending[i] <- "answer"
			c.pending = append(c.pending[:i], c.pending[i+1:]...)
			c.d.Settle()
		}
	case 5, 6:
		c.d.Press("l")
	case 7:
		c.d.Type(rapid.StringN(0, 4, -1).Draw(c.t, "typed"))
	default:
		b := rapid.SampledFrom(tui.Bindings).Draw(c.t, "binding")
		c.d.Press(rapid.SampledFrom(b.Keys).Draw(c.t, "key"))
	}
}

// timeless is a test without a deadline, which a bubble's time cannot tell.
type timeless struct{ rapid.TB }

func TestWhateverHappensTheFrameIsExactAndAllWorkEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		rapid.Check(timeless{t}, func(rt *rapid.T) {
			c := &chaos{t: rt, w: 100, h: 30}
			o := options(c.screen("home"))
			o.Folder = folder
			o.Browse = func(context.Context, string) error { return nil }
			o.Meter = func() tui.Rates { return tui.Rates{CallsPerMinute: 7} }
			o.Env.ReadOnly = rapid.Bool().Draw(rt, "read-only")
			o.Env.Protected = rapid.Bool().Draw(rt, "protected")
			o.Theme.ASCII = rapid.Bool().Draw(rt, "ascii")
			c.d = tuitest.Drive(rt, o, c.w, c.h)
			for range rapid.IntRange(1, 40).Draw(rt, "steps") {
				c.step()
				if c.d.Quit {
					break
				}
				if err := tuitest.Exact(c.d.Frame(), c.w, c.h); err != nil {
					rt.Fatalf("%v\n%s", err, c.d.Text())
				}
			}
			c.d.Close()
			for i, ctx := range c.contexts {
				if ctx.Err() == nil {
					rt.Fatalf("context %d is not done after all screens were left", i)
				}
			}
		})
	})
}

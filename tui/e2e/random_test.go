package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/local/faults"
	"github.com/stepdeck/stepdeck/aws/shipped/shippedtest"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// walk is how many steps are made before the console is left and opened anew.
const walk = 500

func TestWhateverIsDoneTheScreenFitsAndNothingIsLeftBehind(t *testing.T) {
	steps := 3_000
	if *full {
		steps = 100_000
	}
	w := serve(t, true)
	w.machine(t, "crash", crashing)
	w.machine(t, "bare", bare)
	w.machine(t, "loop", looping(400))
	w.startOf(t, "loop", "exhausted", `{}`)
	w.startOf(t, "crash", "over", `{}`)
	w.start(t, "endless", "drill hang")
	w.ends(t, w.start(t, "hostile", "drill hostile"), workflow.Succeeded)
	w.ends(t, w.start(t, "nightly", "drill fail 3"), workflow.Failed)
	visited := map[string]int{}
	for done, seed := 0, uint64(1); done < steps; seed++ {
		w.inBubble(t, func(t *testing.T, d *tuitest.Driver) {
			r := &walker{Rand: rand.New(rand.NewPCG(seed, seed)), w: w, width: 120, height: 40}
			for i := 0; i < walk && !d.Quit; i++ {
				did := r.begin(d, i)
				done++
				if err := tuitest.Exact(d.Frame(), r.width, r.height); err != nil && !d.Quit {
					t.Fatalf("seed %d, step %d, after %s: %v\n%s", seed, i, did, err, d.Text())
				}
				for _, place := range places {
					if d.Shows(place) {
						visited[place]++
					}
				}
			}
		})
	}
	t.Logf("steps at places: %v", visited)
	for _, place := range places {
		if visited[place] == 0 {
			t.Errorf("the walk never came to %q", place)
		}
	}
}

// places are texts by which the screens and tabs are known.
var places = []string{
	"LAST 20", "WHERE OR WHY", "1 verdict", "all containers", "#  time", "preview and start", "TOKEN  ", "REGION", "type to narrow", "╭ ",
}

// walker does what comes to its mind.
type walker struct {
	*rand.Rand
	w             *world
	width, height int
}

// pasted are texts that somebody could paste.
var pasted = []string{
	"", "orders", "status:failed", "status:", "{", `{"args": ["drill", "succeed"]}`, "\x1b[2J\x1b]52;c;aGk=\x07", "表表表表", "a\tb\r\nc",
	"\u202eexe.txt", "e\u0301\u0301\u0301", "\xff\xfe\x00", "👩‍👩‍👧‍👦",
}

// lines are what the `:` line gets.
var lines = []string{"runs", "runs " + shippedtest.Machine, "runs crash", "tokens", "machines", "region eu-west-1", "region us-east-1", "role", "nonsense"}

// doors are keys that lead to places where chance seldom does, and back.
var doors = []string{"R", "esc", "t", "esc"}

// begin goes through the doors first, and then does what comes to mind.
func (r *walker) begin(d *tuitest.Driver, step int) string {
	if step >= len(doors) {
		return r.step(d)
	}
	d.Press(doors[step])
	return doors[step]
}

// step does one thing and says what it was.
func (r *walker) step(d *tuitest.Driver) string {
	switch r.IntN(24) {
	case 0:
		r.width, r.height = 1+r.IntN(300), 1+r.IntN(100)
		d.Send(tea.WindowSizeMsg{Width: r.width, Height: r.height})
		return fmt.Sprintf("a window of %d×%d", r.width, r.height)
	case 1:
		text := pick(r, pasted)
		d.Send(tea.PasteMsg{Content: text})
		return fmt.Sprintf("pasting %q", text)
	case 2:
		msg := pick(r, []tea.Msg{tea.FocusMsg{}, tea.BlurMsg{}, tea.BackgroundColorMsg{}, nil})
		d.Send(msg)
		return fmt.Sprintf("%T", msg)
	case 3:
		x, y := r.IntN(r.width), r.IntN(r.height)
		d.Send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft}, tea.MouseWheelMsg{X: x, Y: y, Button: tea.MouseWheelDown})
		return fmt.Sprintf("a click at %d,%d", x, y)
	case 4, 5:
		by := time.Duration(r.IntN(20_000)) * time.Millisecond
		d.Advance(by)
		return by.String()
	case 6:
		r.w.fault(append(pick(r, troubles), noLiveTail)...)
		return "another fault"
	case 7:
		line := pick(r, lines)
		command(d, line)
		return line
	}
	switch r.IntN(6) {
	case 0, 1:
		d.Press("enter")
		return "enter"
	case 2:
		tab := pick(r, tui.BindingOf(tui.KeyTab).Keys)
		d.Press(tab)
		return tab
	}
	key := pick(r, pick(r, tui.Bindings).Keys)
	if key == "q" || key == "ctrl+c" {
		key = pick(r, []string{"esc", "y", "a", "backspace", key})
	}
	d.Press(key)
	return key
}

func pick[T any](r *walker, from []T) T { return from[r.IntN(len(from))] }

// troubles are the faults that come and go.
var troubles = [][]faults.Rule{
	nil, nil, nil,
	{{Kind: faults.Throttle, Every: 3}},
	{{Kind: faults.Expired, Every: 4}},
	{{Kind: faults.Denied, Service: "ecs"}},
	{{Kind: faults.Drop, Every: 5}},
	{{Kind: faults.ServerError, Every: 4}},
}

package screen

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/filter"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

// eventFields are the fields that the filter of events knows.
var eventFields = []string{"state", "type", "error", "cause"}

// eventsPane is the list of all events with the details of one of them. A row
// of the table is an event's place in the history.
type eventsPane struct {
	theme  *theme.Theme
	zone   *time.Location
	events []workflow.Event
	states []safe.Text // by place: the state an event belongs to
	texts  []filter.Text
	table  *widget.Table[int]
	detail *widget.JSONView
	shown  int // the place of the event in detail, -1 for none
	open   bool
	filter filter.Filter
	text   string
}

func newEventsPane(t *theme.Theme, zone *time.Location) *eventsPane {
	p := &eventsPane{theme: t, zone: zone, detail: widget.NewJSONView(t), shown: -1}
	p.table = widget.NewTable(t, p.identity,
		widget.Column[int]{Title: "#", Min: 5, Right: true, Cell: p.id, Role: func(int) theme.Role { return theme.Dim }},
		widget.Column[int]{Title: "time", Min: 12, Cell: p.time},
		widget.Column[int]{Title: "type", Min: 20, Max: 24, Weight: 1, Cell: p.kind, Role: p.role},
		widget.Column[int]{Title: "state", Min: 8, Max: 30, Weight: 2, Cell: p.state},
		widget.Column[int]{Title: "detail", Min: 10, Weight: 6, Drop: 1, Cell: p.brief, Role: p.role},
	)
	return p
}

func (p *eventsPane) id(at int) safe.Text { return safe.Linef("%d", p.events[at].ID) }
func (p *eventsPane) time(at int) safe.Text {
	return safe.Line(p.events[at].Time.In(p.zone).Format("15:04:05.000"))
}
func (p *eventsPane) kind(at int) safe.Text  { return safe.Line(string(p.events[at].Type)) }
func (p *eventsPane) state(at int) safe.Text { return p.states[at] }

func (p *eventsPane) role(at int) theme.Role {
	kind := string(p.events[at].Type)
	switch {
	case strings.HasSuffix(kind, "Failed"):
		return theme.Failed
	case strings.HasSuffix(kind, "TimedOut"):
		return theme.TimedOut
	case strings.HasSuffix(kind, "Aborted"):
		return theme.Aborted
	case strings.HasSuffix(kind, "Succeeded"):
		return theme.Succeeded
	case kind == string(workflow.ExecutionRedriven):
		return theme.Warning
	default:
		return theme.Text
	}
}

// brief is what an event tells beyond its type, in a line.
func (p *eventsPane) brief(at int) safe.Text {
	e := &p.events[at]
	switch {
	case !e.Error.Empty() || !e.Cause.Empty():
		return safe.Join(": ", presentTexts(e.Error, workflow.ReadCause(e.Cause).Brief())...)
	case e.Resource != "":
		return safe.Join(" ", presentTexts(safe.Line(e.ResourceType), safe.Line(e.Resource))...)
	case e.Type == workflow.MapStateStarted:
		return safe.Linef("%d items", e.Length)
	case e.Type == workflow.MapIterationStarted:
		return safe.Linef("iteration %d", e.Index)
	case e.Type == workflow.ExecutionRedriven:
		return safe.Linef("redrive %d", e.RedriveCount)
	default:
		return payload(e.Output).Or(payload(e.Input))
	}
}

// payload is the start of a JSON document in a line, its tokens masked.
func payload(doc string) safe.Text {
	const start = 4_000
	return safe.Line(workflow.MaskTokens(doc[:min(len(doc), start)]))
}

// set takes the events. Texts of those known already are kept.
func (p *eventsPane) set(events []workflow.Event, steps []workflow.Step) {
	grown := len(p.texts) > 0 && len(events) >= len(p.texts) && events[0].ID == p.events[0].ID &&
		events[len(p.texts)-1].ID == p.events[len(p.texts)-1].ID
	if !grown {
		p.texts = nil
	}
	// The rows are places in events: the cursor's must be read before they change.
	cursor := ""
	if at, ok := p.table.Current(); ok {
		cursor = p.identity(at)
	}
	p.table.SetRows(nil)
	p.events, p.states = events, stateOfEvents(events, steps)
	rows := make([]int, len(events))
	for at := range events {
		rows[at] = at
		if at >= len(p.texts) {
			e := &events[at]
			p.texts = append(p.texts, filter.NewText(p.id(at), p.kind(at), p.states[at], e.Error, e.Cause, safe.Line(e.Resource)))
		}
	}
	p.table.SetRows(rows)
	p.table.Select(cursor)
	p.shown = -1
}

// identity tells one event from every other.
func (p *eventsPane) identity(at int) string { return strconv.FormatInt(p.events[at].ID, 10) }

// stateOfEvents finds the state that each event belongs to: by the steps where
// they name it, else by the event that caused it.
func stateOfEvents(events []workflow.Event, steps []workflow.Step) []safe.Text {
	if len(events) == 0 {
		return nil
	}
	last := events[len(events)-1].ID
	named := make([]int32, last+1)
	name := func(id int64, step int) {
		if id > 0 && id <= last {
			named[id] = int32(step) + 1
		}
	}
	for i := range steps {
		s := &steps[i]
		name(s.EnteredID, i)
		name(s.ExitedID, i)
		for j := range s.Attempts {
			name(s.Attempts[j].ScheduledID, i)
			name(s.Attempts[j].EndedID, i)
		}
	}
	states := make([]safe.Text, len(events))
	for at := range events {
		e := &events[at]
		if named[e.ID] == 0 && e.Previous > 0 && e.Previous < e.ID {
			named[e.ID] = named[e.Previous]
		}
		if n := named[e.ID]; n > 0 && !strings.HasPrefix(string(e.Type), "Execution") {
			states[at] = around(steps, int(n)-1, e.Type).State
		}
		states[at] = states[at].Or(e.State)
	}
	return states
}

// around is the step that an event is about: what ends a Parallel or a Map is
// caused by a step inside it.
func around(steps []workflow.Step, at int, kind workflow.EventType) *workflow.Step {
	for _, outer := range []string{"Parallel", "Map"} {
		if !strings.HasPrefix(string(kind), outer) {
			continue
		}
		for i := at; i >= 0; i = steps[i].Parent {
			if steps[i].Type == outer {
				return &steps[i]
			}
		}
	}
	return &steps[at]
}

// setFilter keeps the events that the text asks for.
func (p *eventsPane) setFilter(text string) error {
	f, err := filter.Parse(text, eventFields...)
	if err != nil {
		return err
	}
	narrows := f.Narrows(p.filter)
	p.filter, p.text = f, text
	if f.Empty() {
		p.table.SetFilter(nil, false)
		return nil
	}
	p.table.SetFilter(func(at int) bool { return f.Match(eventFieldsOf{p, at}) }, narrows)
	return nil
}

// eventFieldsOf is an event as the filter sees it.
type eventFieldsOf struct {
	pane *eventsPane
	at   int
}

func (e eventFieldsOf) Text() filter.Text          { return e.pane.texts[e.at] }
func (e eventFieldsOf) Age() (time.Duration, bool) { return 0, false }

func (e eventFieldsOf) Field(name string) filter.Text {
	event := &e.pane.events[e.at]
	switch name {
	case "state":
		return filter.NewText(e.pane.states[e.at])
	case "type":
		return filter.NewText(safe.Line(string(event.Type)))
	case "error":
		return filter.NewText(event.Error)
	case "cause":
		return filter.NewText(event.Cause)
	default:
		return filter.Text{}
	}
}

// current is the event under the cursor and its state.
func (p *eventsPane) current() (e *workflow.Event, state safe.Text) {
	at, ok := p.table.Current()
	if !ok {
		return nil, safe.Text{}
	}
	return &p.events[at], p.states[at]
}

// show puts the cursor on an event.
func (p *eventsPane) show(id int64) { p.table.Select(strconv.FormatInt(id, 10)) }

func (p *eventsPane) key(k tea.KeyPressMsg) bool {
	switch {
	case k.String() == "enter":
		p.open = !p.open
		return true
	case p.open:
		return p.detail.Key(k)
	case slices.Contains([]string{"space", "*", "s", "S"}, k.String()):
		return false
	default:
		return p.table.Key(k)
	}
}

// fillDetail lets the detail show the event under the cursor.
func (p *eventsPane) fillDetail() {
	at, ok := p.table.Current()
	if !ok || at == p.shown {
		return
	}
	p.shown = at
	p.detail.SetJSON(eventJSON(p.events[at]))
}

// eventJSON is an event with its payloads as JSON, the tokens masked.
func eventJSON(e workflow.Event) string {
	doc, err := json.Marshal(e)
	var members map[string]json.RawMessage
	if err != nil || json.Unmarshal(doc, &members) != nil {
		return "{}"
	}
	for _, name := range []string{"input", "output", "parameters", "cause"} {
		var text string
		if json.Unmarshal(members[name], &text) == nil && json.Valid([]byte(text)) {
			members[name] = json.RawMessage(text)
		}
	}
	out, err := json.MarshalIndent(members, "", "  ")
	if err != nil {
		return "{}"
	}
	return workflow.MaskTokens(string(out))
}

func (p *eventsPane) view(w, h int) string {
	p.fillDetail()
	switch {
	case w >= previewFrom:
		left := w * 3 / 5
		return widget.Beside(p.theme, p.table.View(left, h), left, p.detail.View(w-left-3, h), h)
	case p.open:
		return p.detail.View(w, h)
	default:
		return p.table.View(w, h)
	}
}

// only shows the events of a state.
func (p *eventsPane) only(state safe.Text) {
	p.open = false
	// The language knows no quote within quotes.
	name, _, _ := strings.Cut(state.OneLine().String(), `"`)
	if p.setFilter(`state:"`+name+`"`) != nil {
		_ = p.setFilter("") // no filter is always right
	}
}

// value is what is under the cursor: a value of the details, or the event.
func (p *eventsPane) value() string {
	p.fillDetail()
	if p.open {
		_, text := p.detail.Value()
		return text
	}
	return p.detail.Raw()
}

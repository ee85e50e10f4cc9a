package tui

// ID names a row of the key table.
type ID string

// Binding is a row of the key table: the one source of what keys do, of the
// help, of the footer and of the README's list.
type Binding struct {
	ID ID
	// Place is where the binding belongs in the help.
	Place Place
	// Keys are the keys as Bubble Tea names them; the first is shown.
	Keys []string
	// Shown is how the key is written; empty means the first of Keys.
	Shown string
	// Label is a word or two for the footer; empty keeps it out of there.
	Label string
	// Help is the sentence of the help.
	Help string
	// Changes is set where the action changes something in AWS; in read-only
	// it is shown disabled.
	Changes bool
}

// Place groups bindings in the help.
type Place string

// The places.
const (
	Everywhere Place = "everywhere"
	Lists      Place = "lists"
	OfRuns     Place = "runs"
	OfLogs     Place = "logs"
	OfRunTabs  Place = "a run"
	OfTimeline Place = "a run's timeline"
	OfForms    Place = "forms"
	OfTokens   Place = "open tokens"
	OfFailures Place = "failures"
	OfBulk     Place = "many runs at once"
	OfStack    Place = "the stack"
	OfPlan     Place = "a plan of the stack"
)

// The bindings' names.
const (
	KeyCommand   ID = "command"
	KeyFilter    ID = "filter"
	KeyHelp      ID = "help"
	KeyBack      ID = "back"
	KeyClose     ID = "close"
	KeyQuit      ID = "quit"
	KeyRefresh   ID = "refresh"
	KeyPause     ID = "pause"
	KeyAudit     ID = "audit"
	KeyProfile   ID = "profile"
	KeyRegion    ID = "region"
	KeyCopy      ID = "copy"
	KeyCopyARN   ID = "copy-arn"
	KeyWeb       ID = "web"
	KeyExport    ID = "export"
	KeyMouse     ID = "mouse"
	KeyZoom      ID = "zoom"
	KeyNextPane  ID = "next-pane"
	KeyPrevPane  ID = "previous-pane"
	KeyTab       ID = "tab"
	KeyMove      ID = "move"
	KeyEnds      ID = "ends"
	KeyHalfPage  ID = "half-page"
	KeyOpen      ID = "open"
	KeyAnswer    ID = "answer"
	KeyMark      ID = "mark"
	KeyMarkAll   ID = "mark-all"
	KeySort      ID = "sort"
	KeyReverse   ID = "sort-reverse"
	KeyStatus    ID = "status"
	KeyGroup     ID = "group"
	KeyMore      ID = "more"
	KeyLog       ID = "log"
	KeyNew       ID = "new"
	KeyClone     ID = "clone"
	KeyRedrive   ID = "redrive"
	KeyStop      ID = "stop"
	KeyToken     ID = "token"
	KeyTokens    ID = "tokens"
	KeyFold      ID = "fold"
	KeyZoomIn    ID = "zoom-in"
	KeyZoomOut   ID = "zoom-out"
	KeyPan       ID = "pan"
	KeyFollow    ID = "follow"
	KeySearch    ID = "search"
	KeyNextHit   ID = "next-match"
	KeyPrevHit   ID = "previous-match"
	KeyKeep      ID = "keep-matches"
	KeyWrap      ID = "wrap"
	KeyTimes     ID = "times"
	KeySideways  ID = "sideways"
	KeyContainer ID = "container"
	KeyMarker    ID = "marker"
	KeySelect    ID = "select"
	KeySave      ID = "save"
	KeySubmit    ID = "submit"
	KeyJSON      ID = "json"
	KeyEditor    ID = "editor"
	KeyPreset    ID = "preset"
	KeyStart     ID = "start"
	KeyNextField ID = "next-field"
	KeyWindow    ID = "window"
	KeyBulkGo    ID = "bulk-begin"
	KeyBulkStop  ID = "bulk-stop"
	KeyBulkAgain ID = "bulk-again"
	KeyBulkDrop  ID = "bulk-forget"
	KeyPart      ID = "part"
	KeyStack     ID = "stack"
	KeyPlan      ID = "plan"
	KeyImage     ID = "image"
	KeySecret    ID = "secret"
	KeyDrift     ID = "drift"
	KeyWatch     ID = "watch"
	KeyWayOut    ID = "way-out"
	KeyDelete    ID = "delete"
	KeyDeploy    ID = "deploy"
)

// Bindings is the key table, in the order of the help.
var Bindings = []Binding{
	{ID: KeyCommand, Place: Everywhere, Keys: []string{":"}, Help: "command line, with completion by tab"},
	{ID: KeyFilter, Place: Everywhere, Keys: []string{"/"}, Label: "filter", Help: "filter: text, status:failed, state:Dump, cause:OutOfMemory, age<2h, !text"},
	{ID: KeyHelp, Place: Everywhere, Keys: []string{"?"}, Label: "help", Help: "this help"},
	{ID: KeyBack, Place: Everywhere, Keys: []string{"esc"}, Help: "one step back: close a dialog, clear a filter, leave a screen; never quits"},
	{ID: KeyClose, Place: Everywhere, Keys: []string{"q"}, Help: "leave the screen; on the first screen quit"},
	{ID: KeyQuit, Place: Everywhere, Keys: []string{"ctrl+c"}, Help: "quit; what runs in AWS goes on"},
	{ID: KeyRefresh, Place: Everywhere, Keys: []string{"r"}, Help: "read again now"},
	{ID: KeyPause, Place: Everywhere, Keys: []string{"p"}, Help: "pause and resume reading by itself; of many runs at once, doing it"},
	{ID: KeyNextPane, Place: Everywhere, Keys: []string{"tab"}, Help: "next pane or tab"},
	{ID: KeyPrevPane, Place: Everywhere, Keys: []string{"shift+tab"}, Help: "previous pane or tab"},
	{ID: KeyAudit, Place: Everywhere, Keys: []string{"!"}, Help: "errors, and every change made from here"},
	{ID: KeyProfile, Place: Everywhere, Keys: []string{"P"}, Help: "choose the profile"},
	{ID: KeyRegion, Place: Everywhere, Keys: []string{"R"}, Help: "choose the region"},
	{ID: KeyCopy, Place: Everywhere, Keys: []string{"y"}, Help: "copy the value under the cursor"},
	{ID: KeyCopyARN, Place: Everywhere, Keys: []string{"Y"}, Help: "copy its ARN"},
	{ID: KeyWeb, Place: Everywhere, Keys: []string{"o"}, Help: "open it in the web console"},
	{ID: KeyExport, Place: Everywhere, Keys: []string{"e"}, Help: "save what is shown or marked as JSON"},
	{ID: KeyMouse, Place: Everywhere, Keys: []string{"m"}, Help: "mouse on and off"},
	{ID: KeyZoom, Place: Everywhere, Keys: []string{"z"}, Help: "the screen alone in the whole window, and back"},

	{ID: KeyMove, Place: Lists, Keys: []string{"j", "k", "down", "up"}, Shown: "j k", Help: "down, up"},
	{ID: KeyEnds, Place: Lists, Keys: []string{"g", "G", "home", "end"}, Shown: "g G", Help: "first, last"},
	{ID: KeyHalfPage, Place: Lists, Keys: []string{"ctrl+d", "ctrl+u", "pgdown", "pgup"}, Shown: "ctrl+d ctrl+u", Help: "half a page down, up"},
	{ID: KeyOpen, Place: Lists, Keys: []string{"enter"}, Label: "open", Help: "open what is under the cursor"},
	{ID: KeyMark, Place: Lists, Keys: []string{"space"}, Help: "mark and unmark"},
	{ID: KeyMarkAll, Place: Lists, Keys: []string{"*"}, Help: "mark all that the filter leaves, or unmark them"},
	{ID: KeySort, Place: Lists, Keys: []string{"s"}, Help: "sort by the next column"},
	{ID: KeyReverse, Place: Lists, Keys: []string{"S"}, Help: "reverse the order"},
	{ID: KeyStatus, Place: Lists, Keys: []string{"f"}, Label: "status", Help: "next status: all, running, failed, timed out, aborted, succeeded"},
	{ID: KeyGroup, Place: Lists, Keys: []string{"c"}, Label: "causes", Help: "failed runs by cause: groups, and what to do with each"},
	{ID: KeyMore, Place: Lists, Keys: []string{"+"}, Label: "more", Help: "load what has not been loaded"},

	{ID: KeyLog, Place: OfRuns, Keys: []string{"l"}, Label: "log", Help: "the log of the run's task"},
	{ID: KeyNew, Place: OfRuns, Keys: []string{"n"}, Label: "new", Help: "start a run", Changes: true},
	{ID: KeyClone, Place: OfRuns, Keys: []string{"N"}, Label: "clone", Help: "start a run like this one, with changes", Changes: true},
	{ID: KeyRedrive, Place: OfRuns, Keys: []string{"D"}, Label: "redrive", Help: "redrive the run from where it failed", Changes: true},
	{ID: KeyStop, Place: OfRuns, Keys: []string{"X"}, Label: "stop", Help: "stop the run; offers to stop its task too", Changes: true},
	{ID: KeyToken, Place: OfRuns, Keys: []string{"T"}, Label: "token", Help: "answer the run's task token: fail, succeed, heartbeat", Changes: true},
	{ID: KeyTokens, Place: OfRuns, Keys: []string{"t"}, Label: "tokens", Help: "open tokens, dead ones first"},
	{ID: KeyStack, Place: OfRuns, Keys: []string{"i"}, Help: "the infrastructure: the stack and its image"},

	{ID: KeyTab, Place: OfRunTabs, Keys: []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}, Shown: "1…9", Help: "go to a tab"},
	{ID: KeyFold, Place: OfRunTabs, Keys: []string{"left", "right", "h"}, Shown: "← →", Help: "fold, unfold"},
	{ID: KeyZoomIn, Place: OfTimeline, Keys: []string{"+", "="}, Help: "closer"},
	{ID: KeyZoomOut, Place: OfTimeline, Keys: []string{"-"}, Help: "further"},
	{ID: KeyPan, Place: OfTimeline, Keys: []string{"left", "right"}, Shown: "← →", Help: "earlier, later"},

	{ID: KeyFollow, Place: OfLogs, Keys: []string{"G"}, Label: "follow", Help: "go to the end and follow it"},
	{ID: KeySearch, Place: OfLogs, Keys: []string{"/"}, Label: "search", Help: "search"},
	{ID: KeyNextHit, Place: OfLogs, Keys: []string{"n"}, Help: "next match"},
	{ID: KeyPrevHit, Place: OfLogs, Keys: []string{"N"}, Help: "previous match"},
	{ID: KeyKeep, Place: OfLogs, Keys: []string{"&"}, Label: "only matches", Help: "keep only the lines that match, and back"},
	{ID: KeyWrap, Place: OfLogs, Keys: []string{"w"}, Label: "wrap", Help: "wrap long lines"},
	{ID: KeySideways, Place: OfLogs, Keys: []string{"left", "right"}, Shown: "← →", Help: "move long lines sideways"},
	{ID: KeyTimes, Place: OfLogs, Keys: []string{"t"}, Label: "time", Help: "time: since the start, local, UTC, none"},
	{ID: KeyContainer, Place: OfLogs, Keys: []string{"tab"}, Label: "container", Help: "next container or attempt"},
	{ID: KeyMarker, Place: OfLogs, Keys: []string{"m"}, Help: "set a marker at the end"},
	{ID: KeySelect, Place: OfLogs, Keys: []string{"v"}, Help: "select lines; y copies them"},
	{ID: KeySave, Place: OfLogs, Keys: []string{"s"}, Label: "save", Help: "save the log to a file"},

	{ID: KeySubmit, Place: OfForms, Keys: []string{"ctrl+s"}, Label: "preview and start", Help: "preview, then start", Changes: true},
	{ID: KeyNextField, Place: OfForms, Keys: []string{"tab", "shift+tab"}, Shown: "tab", Label: "next field", Help: "next, previous field"},
	{ID: KeyJSON, Place: OfForms, Keys: []string{"ctrl+j", "f2"}, Shown: "f2", Label: "JSON", Help: "the input as JSON, and back to the fields"},
	{ID: KeyEditor, Place: OfForms, Keys: []string{"ctrl+e"}, Label: "editor", Help: "edit the input in $EDITOR"},
	{ID: KeyPreset, Place: OfForms, Keys: []string{"ctrl+p"}, Label: "presets", Help: "load or save a preset"},
	{ID: KeyStart, Place: OfForms, Keys: []string{"enter"}, Label: "start", Help: "preview, and in the preview start the run", Changes: true},

	{ID: KeyAnswer, Place: OfTokens, Keys: []string{"enter"}, Label: "answer", Help: "fail a dead token with what ECS says of its task; ask what to answer any other", Changes: true},

	{ID: KeyWindow, Place: OfFailures, Keys: []string{"w"}, Label: "window", Help: "next window: 24 hours, 7 days, 30 days, 90 days"},

	{ID: KeyBulkGo, Place: OfBulk, Keys: []string{"enter"}, Label: "begin", Help: "begin, once the count is typed", Changes: true},
	{ID: KeyPart, Place: OfBulk, Keys: []string{"f"}, Label: "part", Help: "show all, or only what is left out, to do, done, skipped or failed"},
	{ID: KeyBulkStop, Place: OfBulk, Keys: []string{"x"}, Label: "stop", Help: "begin no more; the rest can be resumed later"},
	{ID: KeyBulkAgain, Place: OfBulk, Keys: []string{"a"}, Label: "again", Help: "try again what failed, and do what is left", Changes: true},
	{ID: KeyBulkDrop, Place: OfBulk, Keys: []string{"d"}, Label: "forget", Help: "forget what is left; it is not offered again"},

	{ID: KeyPlan, Place: OfStack, Keys: []string{"U"}, Label: "plan", Help: "plan a deployment, and see what it would change", Changes: true},
	{ID: KeyWayOut, Place: OfStack, Keys: []string{"F"}, Label: "way out", Help: "bring the stack out of the status that a failure left", Changes: true},
	{ID: KeyWatch, Place: OfStack, Keys: []string{"w"}, Label: "watch", Help: "watch what AWS does to the stack now"},
	{ID: KeyImage, Place: OfStack, Keys: []string{"B"}, Label: "build", Help: "build the image and push it", Changes: true},
	{ID: KeySecret, Place: OfStack, Keys: []string{"W"}, Label: "secret", Help: "set a secret; its value is never shown", Changes: true},
	{ID: KeyDrift, Place: OfStack, Keys: []string{"d"}, Label: "drift", Help: "look for differences between the stack and its template"},
	{ID: KeyDelete, Place: OfStack, Keys: []string{"X"}, Label: "delete", Help: "delete the stack; says before what is kept", Changes: true},

	{ID: KeyDeploy, Place: OfPlan, Keys: []string{"U"}, Label: "deploy", Help: "deploy the plan; esc drops it", Changes: true},
}

// BindingOf is the table's row; the zero Binding for a name that is not in it.
func BindingOf(id ID) Binding {
	for _, b := range Bindings {
		if b.ID == id {
			return b
		}
	}
	return Binding{}
}

// Name is how the binding's key is written.
func (b Binding) Name() string {
	if b.Shown != "" {
		return b.Shown
	}
	return b.Keys[0]
}

// title is what the binding is called in a sentence.
func (b Binding) title() string {
	if b.Label != "" {
		return b.Label
	}
	return b.Help
}

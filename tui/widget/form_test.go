package widget_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/widget"
)

func runForm(t *theme.Theme) *widget.Form {
	return widget.NewForm(t,
		widget.Field{Name: "args", Label: "arguments", Kind: widget.WordsField, Value: "dump orders", Source: safe.Line("last good run"), Help: safe.Line("words for the container's command")},
		widget.Field{Name: "env", Label: "environment", Kind: widget.PairsField, Help: safe.Line("NAME=value, separated by blanks")},
		widget.Field{Name: "capacity", Label: "capacity", Kind: widget.ChoiceField, Options: []string{"spot", "fargate"}, Default: "spot"},
		widget.Field{Name: "memory", Label: "memory MiB", Kind: widget.NumberField, Default: "512", Min: 512, Max: 122880},
		widget.Field{Name: "db", Label: "database", Completions: []string{"orders", "orders_archive", "users"}, Required: true},
		widget.Field{Name: "input", Label: "input", Kind: widget.JSONField, Value: "{\n  \"a\": 1\n}"},
	)
}

func TestFormLooks(t *testing.T) {
	f := runForm(colours())
	looksAt(t, "form", f, [2]int{80, 16})
	press(t, f, "tab")
	enter(f, "DB")
	press(t, f, "tab tab tab")
	enter(f, "o")
	press(t, f, "down")
	looksAt(t, "form_completions", f, [2]int{80, 16}, [2]int{50, 8})
}

func TestFormRefusesByFieldAndLimit(t *testing.T) {
	for _, c := range []struct{ field, typed, want string }{
		{"memory", "128", "memory MiB: 128 is not from 512 to 122880"},
		{"memory", "much", `memory MiB: "much" is no whole number`},
		{"env", "DB", `environment: "DB" is no NAME=value`},
		{"env", "A=1 A=2", "environment: A is given twice"},
		{"args", `dump "two`, `arguments: the quote " has no end; add another "`},
		{"db", "", "database is required"},
		{"input", `{"a":}`, "input: not JSON at line 1, column 6"},
	} {
		t.Run(c.field+" "+c.typed, func(t *testing.T) {
			f := runForm(plain())
			f.Set("db", "orders", safe.Text{})
			f.Set(c.field, c.typed, safe.Text{})
			err := f.Check()
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Fatalf("error %v, want %q", err, c.want)
			}
			if f.Focused() != c.field {
				t.Errorf("the focus is on %s", f.Focused())
			}
			if shown := ansi.Strip(f.View(120, 24)); !strings.Contains(shown, c.want) {
				t.Errorf("not said in place:\n%s", shown)
			}
			if got, _ := f.Typed(c.field); got != c.typed {
				t.Errorf("what was typed became %q", got)
			}
		})
	}
}

func TestFormTypesAndMoves(t *testing.T) {
	f := runForm(plain())
	enter(f, " --all")
	press(t, f, "tab")
	enter(f, "A=1")
	press(t, f, "enter right right")
	press(t, f, "tab")
	enter(f, "2048")
	press(t, f, "tab")
	enter(f, "ord")
	press(t, f, "down down enter")
	f.Paste("ignored\nbreak")
	words, err := f.Words("args")
	if err != nil || !slices.Equal(words, []string{"dump", "orders", "--all"}) {
		t.Errorf("words %q, %v", words, err)
	}
	pairs, err := f.Pairs("env")
	if err != nil || len(pairs) != 1 || pairs[0] != (widget.Pair{Name: "A", Value: "1"}) {
		t.Errorf("pairs %q, %v", pairs, err)
	}
	for name, want := range map[string]string{"capacity": "spot", "memory": "2048", "db": "orders_archiveignored break"} {
		if got := f.Value(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if err := f.Check(); err != nil {
		t.Error(err)
	}
}

func TestFormEditsJSON(t *testing.T) {
	f := runForm(plain())
	f.Focus("input")
	press(t, f, "down")
	f.Paste("\n")
	enter(f, `"b": 2,`)
	if got, want := f.Value("input"), "{\n\n\"b\": 2,  \"a\": 1\n}"; got != want {
		t.Errorf("the text is %q, want %q", got, want)
	}
	press(t, f, "up up up")
	if got := f.Focused(); got != "db" {
		t.Errorf("up from the first line goes to %s, want db", got)
	}
}

func TestWordsComeBack(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		words := rapid.SliceOf(rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune(`a '"\=`))))).Draw(r, "words")
		got, err := widget.SplitWords(widget.JoinWords(words))
		if err != nil || !slices.Equal(got, words) && len(words) > 0 {
			r.Fatalf("%q became %q, %v", words, got, err)
		}
	})
}

func FuzzSplitWords(f *testing.F) {
	for _, seed := range []string{`a "b c" 'd'`, `\`, `"`, `a\ b`, "\x00\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		words, err := widget.SplitWords(s)
		if err != nil {
			return
		}
		if again, err := widget.SplitWords(widget.JoinWords(words)); err != nil || fmt.Sprint(again) != fmt.Sprint(words) {
			t.Errorf("%q gives %q, then %q, %v", s, words, again, err)
		}
	})
}

func TestFormAlwaysFits(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f := runForm(colours())
		for range rapid.IntRange(0, 5).Draw(r, "pastes") {
			f.Paste(hostile(r, "paste"))
			f.Key(tea.KeyPressMsg{Code: tea.KeyTab})
		}
		_ = f.Check()
		alwaysFits(r, f)
	})
}

package tui_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

func delivering(t *testing.T, s *tui.Selection, browse func(context.Context, string) error) (*tuitest.Driver, string) {
	t.Helper()
	home := newToy("home")
	home.selection = s
	o := options(home)
	o.Folder, o.Browse = t.TempDir(), browse
	return tuitest.Drive(t, o, 140, 24), o.Folder
}

func TestCopy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _ := delivering(t, &tui.Selection{Value: "run-07", ARN: "arn:aws:states:run-07"}, nil)
		d.Press("y")
		mustShow(t, d, "copied the value: run-07")
		if d.Clipboard != "run-07" {
			t.Errorf("the clipboard holds %q", d.Clipboard)
		}
		d.Press("Y")
		if d.Clipboard != "arn:aws:states:run-07" {
			t.Errorf("the clipboard holds %q", d.Clipboard)
		}
	})
}

func TestWhatIsTooLongForTheClipboardGoesIntoAFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		long := strings.Repeat("x", 75_001)
		d, folder := delivering(t, &tui.Selection{Value: long}, nil)
		d.Press("y")
		mustShow(t, d, "too long for the clipboard", "stepdeck-value.txt")
		got, err := os.ReadFile(filepath.Join(folder, "stepdeck-value.txt"))
		if err != nil || string(got) != long || d.Clipboard != "" {
			t.Errorf("%v, %d bytes in the file, %d on the clipboard", err, len(got), len(d.Clipboard))
		}
	})
}

func TestExportKeepsFilesThatAreThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, folder := delivering(t, &tui.Selection{
			File: "../../run/07.json", Export: func() ([]byte, error) { return []byte("{}"), nil },
		}, nil)
		d.Press("e", "e")
		for _, name := range []string{"run-07.json", "run-07-2.json"} {
			mustShow(t, d, name)
			if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestAnExportThatFailsSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _ := delivering(t, &tui.Selection{Export: func() ([]byte, error) { return nil, errors.New("not read yet") }}, nil)
		d.Press("e")
		mustShow(t, d, "export: not read yet")
	})
}

func TestAFolderThatTakesNoFileSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		home.act = func(*tui.Scope) tea.Cmd { return tui.Save("a.json", nil) }
		o := options(home)
		o.Folder = filepath.Join(t.TempDir(), "gone")
		d := tuitest.Drive(t, o, 140, 24)
		d.Press("l")
		mustShow(t, d, "not saved:", "no such file")
	})
}

func TestOpen(t *testing.T) {
	const page = "https://eu-west-1.console.aws.amazon.com/states"
	for name, c := range map[string]struct {
		url  string
		err  error
		want string
	}{
		"in the browser":            {url: page, want: "opened " + page},
		"shown where there is none": {url: page, err: errors.New("no browser"), want: page},
		"only web addresses":        {url: "file:///etc/passwd", want: "not a web address: file:///etc/passwd"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var opened []string
				d, _ := delivering(t, &tui.Selection{URL: c.url}, func(_ context.Context, url string) error {
					opened = append(opened, url)
					return c.err
				})
				d.Press("o")
				mustShow(t, d, c.want)
				if len(opened) == 1 != strings.HasPrefix(c.url, "https") {
					t.Errorf("opened %q", opened)
				}
			})
		})
	}
}

func TestNothingUnderTheCursorIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _ := delivering(t, nil, nil)
		for key, why := range map[string]string{
			"y": "a value to copy", "Y": "an ARN", "o": "a page in the web console",
		} {
			d.Press(key)
			mustShow(t, d, key+": nothing here has "+why)
		}
		d.Press("e")
		mustShow(t, d, "e: nothing here can be saved as JSON")
	})
}

func TestLocalAWSHasNoWebConsole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options(newToy("home"))
		o.Env.Where.Local = true
		d := tuitest.Drive(t, o, 80, 24)
		d.Press("o")
		mustShow(t, d, "o: local AWS has no web console")
	})
}

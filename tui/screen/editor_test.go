package screen

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// withEditor is the managed machine with an editor that is a shell script.
func withEditor(t *testing.T, script string) func() *formWorld {
	t.Helper()
	editorThat(t, script)
	t.Setenv("TMPDIR", t.TempDir())
	return func() *formWorld {
		w := managed()
		w.lend = inBackground
		return w
	}
}

// afterEditor presses the key and waits for the editor, which is a process.
func afterEditor(d *tuitest.Driver, shown string) {
	d.Press("ctrl+e")
	for range 100 {
		if d.Shows(shown) {
			return
		}
		d.Advance(10 * time.Millisecond)
	}
}

// leftFiles are the files that the editor was given and that are still there.
func leftFiles(t *testing.T) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "stepdeck-*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

func TestTheEditorsTextComesBackIntoTheFields(t *testing.T) {
	useForm(t, withEditor(t, `sed -i 's/1024/4096/; s/mysql-dump/edited/' "$1"`), func(w *formWorld, d *tuitest.Driver) {
		afterEditor(d, "4096")
		formSees(t, d, "edited", "4096")
		if got := w.form.input(); got != `{"args":["edited"],"env":{"DB_NAME":"shop"},"memory":4096}` {
			t.Errorf("the input is %s", got)
		}
		if n := leftFiles(t); n != 0 {
			t.Errorf("%d files of the editor are left", n)
		}
	})
}

func TestTheEditorsTypoIsShownAtItsPlace(t *testing.T) {
	useForm(t, withEditor(t, `printf '{\n  "a": 1,\n  oops\n}\n' >"$1"`), func(w *formWorld, d *tuitest.Driver) {
		afterEditor(d, "oops")
		formSees(t, d, "oops", "not JSON at line 3, column 3")
		if w.form.area.Line() != 2 || w.form.area.Column() != 2 {
			t.Errorf("the cursor is at line %d, column %d", w.form.area.Line()+1, w.form.area.Column()+1)
		}
	})
}

func TestAnEditorThatFailsChangesNothing(t *testing.T) {
	useForm(t, withEditor(t, `echo gone >"$1"; exit 3`), func(w *formWorld, d *tuitest.Driver) {
		afterEditor(d, "did not end well")
		formSees(t, d, "editor did not end well", "exit status 3", "nothing was taken over")
		if !strings.Contains(w.form.input(), "mysql-dump") || leftFiles(t) != 1 {
			t.Errorf("the form has %s; %d files are left", w.form.input(), leftFiles(t))
		}
	})
}

func TestNoEditorIsTold(t *testing.T) {
	t.Setenv("VISUAL", "")
	t.Setenv("EDITOR", "/nowhere/ed --wait")
	useForm(t, managed, func(_ *formWorld, d *tuitest.Driver) {
		d.Press("ctrl+e")
		formSees(t, d, "no editor to open", "$EDITOR is /nowhere/ed, which cannot be run", "set EDITOR to a program")
	})
	t.Setenv("PATH", "")
	t.Setenv("EDITOR", "")
	useForm(t, managed, func(_ *formWorld, d *tuitest.Driver) {
		d.Press("ctrl+e")
		formSees(t, d, "there is no vi")
	})
}

package screen

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui"
)

// editorFile is the input in a file of its own, and the editor for it.
type editorFile struct {
	path    string
	command []string
}

// edited is what the editor left in the file.
type edited struct{ text string }

// largestEdit bounds what is read back from an editor: more than any input.
const largestEdit = 4 * workflow.MaxInput

// edit opens the input in the user's editor.
func (f *formScreen) edit() tea.Cmd {
	text := workflow.EscapeJSON(f.form.Document().Text())
	if f.mode == asJSON {
		text = f.area.Value()
	} else {
		f.leaveAdd()
	}
	return tui.Load(f.scope, "editor-file", actionLimit, func(context.Context) (editorFile, error) {
		return newEditorFile(text)
	})
}

// newEditorFile writes the text where only the user can read it.
func newEditorFile(text string) (editorFile, error) {
	command, err := editorCommand()
	if err != nil {
		return editorFile{}, err
	}
	file, err := os.CreateTemp("", "stepdeck-*.json")
	if err != nil {
		return editorFile{}, fmt.Errorf("make a file for the editor: %w", err)
	}
	_, err = file.WriteString(text + "\n")
	if err = errors.Join(err, file.Close()); err != nil {
		return editorFile{}, fmt.Errorf("write the file for the editor: %w", errors.Join(err, os.Remove(file.Name())))
	}
	return editorFile{path: file.Name(), command: command}, nil
}

// editorCommand is $VISUAL, else $EDITOR, else vi where there is one.
func editorCommand() ([]string, error) {
	for _, name := range []string{"VISUAL", "EDITOR"} {
		words, err := workflow.SplitWords(os.Getenv(name))
		if err != nil {
			return nil, noEditor(safe.Linef("$%s: %v", name, err))
		}
		if len(words) == 0 {
			continue
		}
		if _, err := exec.LookPath(words[0]); err != nil {
			return nil, noEditor(safe.Linef("$%s is %s, which cannot be run", name, words[0]))
		}
		return words, nil
	}
	vi, err := exec.LookPath("vi")
	if err != nil {
		return nil, noEditor(safe.Line("neither $VISUAL nor $EDITOR is set, and there is no vi"))
	}
	return []string{vi}, nil
}

func noEditor(why safe.Text) error {
	return &ops.Problem{
		Kind: ops.Usage, Title: safe.Line("no editor to open"), Detail: why,
		Hint: safe.Line("set EDITOR to a program, or edit here as JSON with f2"),
	}
}

func (f *formScreen) editorReady(l tui.Loaded[editorFile]) tea.Cmd {
	if l.Err != nil {
		f.refused = l.Err
		return nil
	}
	f.editing = l.Value
	args := append(l.Value.command[1:len(l.Value.command):len(l.Value.command)], l.Value.path)
	return f.lend(f.scope, "editor", exec.Command(l.Value.command[0], args...)) //nolint:noctx // it ends when the user closes it
}

func (f *formScreen) editorEnded(l tui.Loaded[struct{}]) tea.Cmd {
	file, failed := f.editing, l.Err
	return tui.Load(f.scope, "editor-text", actionLimit, func(context.Context) (edited, error) {
		return readEdited(file, failed)
	})
}

// readEdited takes the text back and removes the file. A failed editor leaves
// both as they are.
func readEdited(file editorFile, failed error) (edited, error) {
	if failed != nil {
		return edited{}, &ops.Problem{
			Kind: ops.Failed, Title: safe.Linef("%s did not end well", filepath.Base(file.command[0])), Detail: safe.Line(failed.Error()),
			Hint: safe.Linef("nothing was taken over; what it left is in %s", file.path), Err: failed,
		}
	}
	info, err := os.Stat(file.path)
	if err != nil {
		return edited{}, fmt.Errorf("read what the editor left: %w", err)
	}
	if info.Size() > largestEdit {
		return edited{}, &ops.Problem{
			Kind: ops.Usage, Title: safe.Line("the edited text is too large"),
			Detail: safe.Linef("%s; AWS takes %s", safe.Bytes(info.Size()), safe.Bytes(workflow.MaxInput)),
			Hint:   safe.Linef("nothing was taken over; it is in %s", file.path),
		}
	}
	content, err := os.ReadFile(file.path)
	if err != nil {
		return edited{}, fmt.Errorf("read what the editor left: %w", err)
	}
	if err := os.Remove(file.path); err != nil {
		return edited{}, fmt.Errorf("remove the editor's file: %w", err)
	}
	return edited{text: string(content)}, nil
}

// editorRead brings fields and JSON in step with what the editor left.
func (f *formScreen) editorRead(l tui.Loaded[edited]) {
	if l.Err != nil {
		f.refused = l.Err
		return
	}
	f.replaceInput(l.Value.text)
}

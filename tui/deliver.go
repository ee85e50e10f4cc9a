package tui

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// mostCopied is the longest text, in bytes, that terminals take over OSC 52,
// which carries it as base64 in about 100 kB.
const mostCopied = 75_000

// browserLimit bounds the start of the browser.
const browserLimit = 5 * time.Second

// mostNames bounds the numbers that are tried for a file's name.
const mostNames = 1000

// pick copies, opens or exports what is under the cursor.
func (r *Root) pick(id ID) tea.Cmd {
	var s *Selection
	if subject, ok := r.top().screen.(Subject); ok {
		s = subject.Subject()
	}
	if s == nil {
		s = &Selection{}
	}
	switch {
	case id == KeyCopy && s.Value != "":
		return r.copy(s.Value, "value")
	case id == KeyCopyARN && s.ARN != "":
		return r.copy(s.ARN, "ARN")
	case id == KeyWeb && s.URL != "":
		return r.open(s.URL)
	case id == KeyExport && s.Export != nil:
		data, err := s.Export()
		if err != nil {
			r.toast(Fail, safe.Linef("export: %s", err))
			return nil
		}
		return r.save(saved{s.File, data})
	}
	why := map[ID]string{
		KeyCopy: "nothing here has a value to copy", KeyCopyARN: "nothing here has an ARN",
		KeyExport: "nothing here can be saved as JSON", KeyWeb: "nothing here has a page in the web console",
	}[id]
	if id == KeyWeb && r.env.Where.Local {
		why = "local AWS has no web console"
	}
	r.toast(Warn, safe.Linef("%s: %s", BindingOf(id).Name(), why))
	return nil
}

// copy puts text on the clipboard through the terminal (OSC 52), or into a file
// where it is too long for that. what names it in the toast.
func (r *Root) copy(text, what string) tea.Cmd {
	if len(text) > mostCopied {
		r.toast(Info, safe.Linef("the %s is too long for the clipboard (%s), so it goes into a file", what, safe.Bytes(int64(len(text)))))
		return r.save(saved{"stepdeck-" + what + ".txt", []byte(text)})
	}
	r.toast(Done, safe.Linef("copied the %s: %s", what, safe.Line(text).Truncate(60)))
	return tea.SetClipboard(text)
}

func (r *Root) save(s saved) tea.Cmd {
	folder := r.options.Folder
	return r.env.work.command(func() tea.Msg {
		path, err := writeNew(folder, fileName(s.name), s.data)
		if err != nil {
			return toasted{Fail, safe.Linef("not saved: %s", err)}
		}
		return toasted{Done, safe.Linef("saved %s in %s", safe.Bytes(int64(len(s.data))), path)}
	})
}

// fileName keeps letters, digits and some signs, so that a name from AWS stays
// inside its folder.
func fileName(name string) string {
	name = strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.ContainsRune("-_.", c):
			return c
		}
		return '-'
	}, name)
	name = strings.TrimLeft(name, ".-")
	if name == "" {
		return "stepdeck.txt"
	}
	return name[:min(len(name), 150)]
}

// writeNew writes a file that was not there before and returns its path.
func writeNew(folder, name string, data []byte) (string, error) {
	ext := filepath.Ext(name)
	base := strings.TrimSuffix(name, ext)
	for n := 1; n <= mostNames; n++ {
		path := filepath.Join(folder, name)
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if errors.Is(err, fs.ErrExist) {
			name = fmt.Sprintf("%s-%d%s", base, n+1, ext)
			continue
		}
		if err != nil {
			return "", err
		}
		_, err = f.Write(data)
		return path, errors.Join(err, f.Close())
	}
	return "", fmt.Errorf("%s to %s are there already", base+ext, name)
}

// open shows a web address: in the browser, or as text where there is none.
func (r *Root) open(address string) tea.Cmd {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		r.toast(Warn, safe.Linef("not a web address: %s", address))
		return nil
	}
	browse := r.options.Browse
	if browse == nil {
		browse = browser
	}
	ctx := r.ctx
	return r.env.work.command(func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, browserLimit)
		defer cancel()
		if err := browse(ctx, address); err != nil {
			return toasted{Warn, safe.Line(address)}
		}
		return toasted{Done, safe.Linef("opened %s", address)}
	})
}

// errNoBrowser is returned where nothing could show a page, as over ssh.
var errNoBrowser = errors.New("there is no browser here")

func browser(ctx context.Context, address string) error {
	name, args := "xdg-open", []string{address}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
	default:
		if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
			return errNoBrowser
		}
	}
	return exec.CommandContext(ctx, name, args...).Run()
}

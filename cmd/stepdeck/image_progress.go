package main

import (
	"os"
	"sync"
	"time"

	"github.com/charmbracelet/x/term"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/safe"
)

// meterBeat is how often the bytes sent are drawn anew.
const meterBeat = 100 * time.Millisecond

// meter tells on stderr how a build and a push go; bytes only where it is a terminal.
type meter struct {
	app  *app
	live bool

	mu    sync.Mutex
	drawn bool
	last  time.Time
}

func (a *app) newMeter() *meter {
	file, ok := a.err.(*os.File)
	return &meter{app: a, live: ok && term.IsTerminal(file.Fd()) && a.flags.output != "json"}
}

func (m *meter) watcher() image.Watcher { return image.Watcher{Line: m.line, Sent: m.sent} }

func (m *meter) line(t safe.Text) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wipe()
	m.app.note("%s", t)
}

func (m *meter) sent(done, total int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.app.now()
	if !m.live || now.Sub(m.last) < meterBeat && done < total {
		return
	}
	m.last = now
	m.wipe()
	m.drawn = true
	m.app.say("sent %s of %s", safe.Bytes(done), safe.Bytes(total))
}

// wipe removes the line with the bytes.
func (m *meter) wipe() {
	if m.drawn {
		m.app.say("\r\x1b[K")
		m.drawn = false
	}
}

func (m *meter) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wipe()
}

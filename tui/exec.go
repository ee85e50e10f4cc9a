package tui

import (
	"os/exec"

	tea "charm.land/bubbletea/v2"
)

// Exec gives the terminal to a program until it ends, and brings how it ended
// as a Loaded without a value.
func Exec(s *Scope, key string, program *exec.Cmd) tea.Cmd {
	c := s.begin(key)
	return tea.ExecProcess(program, func(err error) tea.Msg {
		return scoped{scope: s, key: key, call: c, msg: Loaded[struct{}]{Key: key, Err: err}}
	})
}

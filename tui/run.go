package tui

import (
	"context"
	"io"
	"os"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/term"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// endLimit is how long the program waits at its end for a change that is
// under way.
const endLimit = 5 * time.Second

// Options are what the program is run with. Home and Env are needed.
type Options struct {
	Home Screen
	// Env is shared with the screens; Run fills in Theme and Clock where they are nil.
	Env *Env
	// Commands are those of the `:` line, besides help, audit, theme and q.
	Commands []Command
	// Theme is what Env.Theme is made with. Run decides its Profile.
	Theme theme.Options
	// FixedTheme keeps the theme whatever background the terminal tells of.
	FixedTheme bool
	// Color is auto (also when empty), always or never.
	Color string
	Mouse bool
	// Meter is called for every frame; nil shows no meter.
	Meter func() Rates
	// Audit is what `!` lists; nil lists errors alone.
	Audit Audit
	// Folder is where files are saved; empty is the current one.
	Folder string
	// Browse opens a web address; nil takes the system's browser.
	Browse func(ctx context.Context, address string) error
}

// Run runs the console on the terminal until the user quits or ctx ends, which
// is context.Canceled; signals are the caller's to handle. It returns an
// ops.Problem where there is no terminal for it. What was started in AWS goes on.
func Run(ctx context.Context, o Options) error {
	env := os.Environ()
	if err := Terminal(os.Stdin, os.Stdout, env); err != nil {
		return err
	}
	profile := Colors(o.Color, env)
	o.Theme.Profile = themeProfile(profile)
	root := NewRoot(ctx, o)
	program := tea.NewProgram(root, tea.WithColorProfile(profile), tea.WithoutSignalHandler())
	// A program that is killed by its context closes the terminal's input
	// while it is still read; one that is asked to quit waits for the reader.
	forget := context.AfterFunc(ctx, program.Quit)
	_, err := program.Run()
	forget()
	root.Close(endLimit)
	if err == nil && ctx.Err() != nil {
		return context.Canceled
	}
	return err
}

// Terminal says, as an ops.Problem, why the console cannot be drawn here; nil
// when it can.
func Terminal(in io.Reader, out io.Writer, env []string) error {
	refuse := func(reason string) error {
		return &ops.Problem{
			Kind: ops.Usage, Title: safe.Line("the console needs a terminal"), Detail: safe.Line(reason),
			Hint: safe.Line("stepdeck runs, stepdeck why and the other commands print plain text; stepdeck --help lists them"),
		}
	}
	switch {
	case !terminal(in):
		return refuse("the input is not one")
	case !terminal(out):
		return refuse("the output is not one")
	case lookup(env, "TERM") == "dumb":
		return refuse("TERM=dumb can move no cursor")
	}
	return nil
}

func terminal(stream any) bool {
	f, ok := stream.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(f.Fd())
}

// Colors decides how many colours to use: choice is auto, always or never.
// NO_COLOR set to anything but nothing means none (https://no-color.org),
// unless always was chosen. Nobody is asked, neither the terminal nor tmux.
func Colors(choice string, env []string) colorprofile.Profile {
	if choice == "never" || choice != "always" && lookup(env, "NO_COLOR") != "" {
		return colorprofile.ASCII
	}
	// The library takes NO_COLOR and CLICOLOR for booleans; they have been decided.
	kept := make([]string, 0, len(env))
	for _, e := range env {
		if !strings.HasPrefix(e, "NO_COLOR=") && !strings.HasPrefix(e, "CLICOLOR") {
			kept = append(kept, e)
		}
	}
	profile := colorprofile.Env(kept)
	if profile < colorprofile.ANSI && choice == "always" {
		return colorprofile.ANSI
	}
	return max(profile, colorprofile.ASCII)
}

// themeProfile is the theme's for the terminal's. 256 colours get the true
// ones, which the renderer brings down.
func themeProfile(p colorprofile.Profile) theme.Profile {
	switch {
	case p >= colorprofile.ANSI256:
		return theme.TrueColor
	case p >= colorprofile.ANSI:
		return theme.ANSI16
	}
	return theme.NoColor
}

func lookup(env []string, name string) string {
	value := ""
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			value = v
		}
	}
	return value
}

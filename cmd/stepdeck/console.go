package main

import (
	"cmp"
	"context"
	"path/filepath"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/session"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/config"
	"github.com/stepdeck/stepdeck/tui/screen"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// console is the terminal UI; where there is no terminal for it, the overview.
func (a *app) console(c *cobra.Command, args []string) error {
	if !a.draws || !a.asks {
		return a.overview(c, args)
	}
	return a.openConsole(c.Context())
}

func (a *app) openConsole(ctx context.Context) error {
	settings, err := config.Load(config.Path())
	if err != nil {
		return err
	}
	options, err := a.sessionOptions(ctx)
	if err != nil {
		return err
	}
	o := &opener{options: options, settings: settings, state: a.state}
	first, err := o.open(ctx, screen.Place{
		Profile: options.Profile, Region: options.Region, Role: options.Role, Endpoint: options.Endpoint, Local: options.Local,
	})
	if err != nil {
		return err
	}
	return tui.Run(ctx, tui.Options{
		Home: screen.NewHome(first), Env: o.env, Commands: screen.Commands(first),
		Theme:      theme.Options{Light: settings.Theme == "light", ASCII: settings.ASCII || a.flags.ascii},
		FixedTheme: settings.Theme == "light" || settings.Theme == "dark",
		Color:      a.colorMode(settings.Color), Mouse: settings.Mouse, Meter: o.rates, Audit: o,
	})
}

func (a *app) colorMode(configured string) string {
	if a.flags.noColor {
		return "never"
	}
	return configured
}

// opener opens places, and knows whose session is in use for the meter and
// the audit. Places are opened off the UI goroutine.
type opener struct {
	options  session.Options
	settings config.Config
	state    string // directory
	env      *tui.Env
	current  atomic.Pointer[session.Session]
}

// open is screen.Console.Switch. It sends nothing to AWS.
func (o *opener) open(ctx context.Context, place screen.Place) (*screen.Console, error) {
	options := o.options
	options.Profile, options.Region, options.Role = place.Profile, place.Region, place.Role
	options.Endpoint, options.Local = place.Endpoint, place.Local
	s, err := session.Open(ctx, options)
	if err != nil {
		return nil, err
	}
	profiles, err := session.Profiles()
	if err != nil {
		return nil, err
	}
	place.Region = s.Region()
	protected := o.settings.Protects(cmp.Or(place.Profile, "default")) && !place.Local
	if o.env == nil {
		o.env = &tui.Env{ReadOnly: options.ReadOnly, Protected: protected, Where: place.Where()}
	}
	kit, err := stackKit(s)
	if err != nil {
		return nil, err
	}
	o.current.Store(s)
	return &screen.Console{
		Stack:   kit,
		Service: ops.New(portsOn(s, o.state, options.Log), operator()), Who: operator(), Env: o.env, Place: place, Protected: protected,
		Presets: o.settings.Presets, Watched: o.settings.Watched,
		Bulks: filepath.Join(o.state, "bulk"), Share: s.Share,
		Switch: o.open, Profiles: profiles, Regions: session.Regions(), Login: ssoLogin,
		Identity: func(ctx context.Context) (string, error) {
			identity, err := s.Identity(ctx)
			return identity.Account, err
		},
	}, nil
}

func (o *opener) rates() tui.Rates {
	r := o.current.Load().Meter().Rates()
	return tui.Rates{CallsPerMinute: r.CallsPerMinute, ThrottlesPerMinute: r.ThrottlesPerMinute, Waiting: r.Waiting}
}

// Changes is tui.Audit: the journal's newest entries.
func (o *opener) Changes(n int) ([]tui.Change, error) {
	entries, err := o.current.Load().Journal().Last(n)
	if err != nil {
		return nil, err
	}
	changes := make([]tui.Change, 0, len(entries))
	for _, e := range entries {
		changes = append(changes, tui.Change{
			Time: e.Time, Operation: safe.Line(e.Operation), Target: safe.Line(e.Target),
			RequestID: safe.Line(e.RequestID), Result: safe.Line(e.Result), OK: e.Result == "ok",
		})
	}
	return changes, nil
}

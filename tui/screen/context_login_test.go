package screen

import (
	"context"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// loginSaying is a login command that says what the channel brings.
func loginSaying(said <-chan safe.Text) func(context.Context, string) (<-chan safe.Text, error) {
	return func(context.Context, string) (<-chan safe.Text, error) { return said, nil }
}

// switchTo goes to another account whatever is asked for, which it notes.
func switchTo(a *account, asked *Place) func(context.Context, Place) (*Console, error) {
	return func(_ context.Context, to Place) (*Console, error) {
		*asked = to
		next := a.console(ansi16)
		next.Place = to
		return next, nil
	}
}

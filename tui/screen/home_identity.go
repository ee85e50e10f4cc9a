package screen

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/tui"
)

// accountID is the number of an AWS account.
type accountID string

// askAccount asks whose account this is, unless that is known.
func (c *Console) askAccount(s *tui.Scope) tea.Cmd {
	if c.Identity == nil || c.Place.Account != "" {
		return nil
	}
	return tui.Load(s, "account", loadLimit, func(ctx context.Context) (accountID, error) {
		account, err := c.Identity(ctx)
		return accountID(account), err
	})
}

// located puts the account into the breadcrumbs. A failure is told by the
// audit alone: all else works without knowing the account.
func (c *Console) located(account accountID, err error) tea.Cmd {
	if err != nil {
		return nil
	}
	c.Place.Account = string(account)
	return tui.Relocate(c.Place.Where())
}

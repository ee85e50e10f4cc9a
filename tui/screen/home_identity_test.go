package screen

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// unknownTo opens the home screen of an account whose number is not known yet.
func unknownTo(t *testing.T, identity func(context.Context) (string, error)) *tuitest.Driver {
	a := company()
	c := a.console(ansi16)
	c.Place.Account, c.Env.Where.Account, c.Identity = "", safe.Text{}, identity
	return a.open(t, c, NewHome(c), 100, 24)
}

func TestTheBreadcrumbsGetTheAccountOnceAWSHasToldIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, told := 0, make(chan string)
		d := unknownTo(t, func(context.Context) (string, error) {
			asked++
			return <-told, nil
		})
		shown(t, d, "prod·eu-west-1", "dumps-run")
		told <- "210987654321"
		d.Settle()
		shown(t, d, "prod·210987654321·eu-west-1")

		d.Press("r")
		d.Advance(10 * time.Minute)
		if asked != 1 {
			t.Errorf("the account was asked for %d times", asked)
		}
		d.Press("R", "enter")
		shown(t, d, "prod · 210987654321 · eu-west-1")
	})
}

func TestAnAccountThatCannotBeToldIsMissedByTheAuditAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := unknownTo(t, func(context.Context) (string, error) {
			return "", &ops.Problem{Kind: ops.Denied, Title: safe.Line("sts says no")}
		})
		d.Advance(time.Minute)
		shown(t, d, "prod·eu-west-1", "dumps-run")
		absent(t, d, "sts says no")
		d.Press("!")
		shown(t, d, "sts says no")
	})
}

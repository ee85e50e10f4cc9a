package screen

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// withoutImage is a first deployment, whose plan has no image.
func withoutImage() *stackWorld {
	w := firstDeployment()
	w.plan.Parameters[0].After = safe.Text{}
	w.plan.Changes = w.plan.Changes[3:4]
	return w
}

func TestWhatAnImageIsMadeOfIsChosen(t *testing.T) {
	const pinned = "public.ecr.aws/docker/library/mariadb:11.8@" + digestOld
	for name, c := range map[string]struct {
		base image.Base
		keys []string
		want ImageChoice
	}{
		"the same base":     {image.Base{Name: "public.ecr.aws/docker/library/mariadb:11.8", Digest: digestOld}, []string{"enter"}, ImageChoice{Base: pinned}},
		"MySQL":             {image.Base{}, []string{"enter"}, ImageChoice{Base: image.MySQL}},
		"PostgreSQL":        {image.Base{}, []string{"down", "enter"}, ImageChoice{Base: image.PostgreSQL}},
		"a Dockerfile":      {image.Base{}, []string{"D", "o", "c", "k", "enter"}, ImageChoice{Dockerfile: "container/Dockerfile"}},
		"another":           {image.Base{}, []string{"a", "n", "o", "enter", "d", "b", ":", "1", "enter"}, ImageChoice{Base: "db:1"}},
		"nothing":           {image.Base{}, []string{"end", "enter"}, ImageChoice{Base: image.Scratch}},
		"nothing, as it is": {image.Base{Name: image.Scratch}, []string{"enter"}, ImageChoice{Base: image.Scratch}},
	} {
		t.Run(name, func(t *testing.T) {
			onStack(t, func() *stackWorld {
				w := deployedStack()
				w.base, w.dockerfile = c.base, "container/Dockerfile"
				return w
			}, func(w *stackWorld, d *tuitest.Driver) {
				d.Press("B")
				answerDialog(d, append(c.keys, "y")...)
				d.Advance(5 * time.Second)
				shown(t, d, "pushed as "+repository)
				if diff := cmp.Diff([]ImageChoice{c.want}, w.made); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestWhatCannotBeChosenTellsWhy(t *testing.T) {
	onStack(t, deployedStack, func(w *stackWorld, d *tuitest.Driver) {
		d.Press("B")
		answerDialog(d, "D", "o", "c", "k", "enter")
		shown(t, d, "there is no Dockerfile here")
		d.Press("esc", "B")
		answerDialog(d, "a", "n", "o", "enter", "ctrl+u", "x", "enter")
		shown(t, d, `the base image "x" is neither a file nor an image with a tag or a digest`)
		if len(w.made) != 0 {
			t.Errorf("made %v", w.made)
		}
	})
}

func TestAFirstDeploymentBringsItsImage(t *testing.T) {
	onStack(t, withoutImage, func(w *stackWorld, d *tuitest.Driver) {
		d.Press("U")
		answerDialog(d, "enter")
		d.Press("U")
		shown(t, d, "What is the image of stack dumps made of?", "mariadb:11.8", "no image yet")
		absent(t, d, "the base of the deployed image")
		answerDialog(d, "enter")
		shown(t, d, "Deploy stack dumps?", "Then its image, on public.ecr.aws/docker/library/mariadb:11.8, is built")
		answerDialog(d, "y")
		d.Advance(11 * time.Second)
		shown(t, d, "the deployment of stack dumps is done", "base found")
		calls := slices.DeleteFunc(slices.Clone(w.calls), func(c string) bool { return strings.HasPrefix(c, "Status") })
		want := []string{"Plan dumps", "Prepare", "Deploy " + w.plan.ChangeSet, "Build " + repository, "Bring " + repository + "@" + digestNew}
		if diff := cmp.Diff(want, calls); diff != "" {
			t.Error(diff)
		}
	})
}

func TestNothingIsDeployedForAnImageThatCannotBeMade(t *testing.T) {
	onStack(t, withoutImage, func(w *stackWorld, d *tuitest.Driver) {
		w.unmade = &ops.Problem{Kind: ops.Unreachable, Title: safe.Line("public.ecr.aws cannot be reached"), Hint: safe.Line("check the network")}
		d.Press("U")
		answerDialog(d, "enter")
		d.Press("U")
		answerDialog(d, "enter", "y")
		d.Advance(5 * time.Second)
		shown(t, d, "public.ecr.aws cannot be reached", "check the network")
		if w.called("Deploy") != 0 || w.called("Discard") != 1 {
			t.Errorf("called %v", w.calls)
		}
	})
}

func TestAStackIsDeployedWithoutAnImage(t *testing.T) {
	onStack(t, withoutImage, func(w *stackWorld, d *tuitest.Driver) {
		d.Press("U")
		answerDialog(d, "enter")
		d.Press("U")
		answerDialog(d, "end", "enter")
		absent(t, d, "Then its image")
		answerDialog(d, "y")
		d.Advance(10 * time.Second)
		shown(t, d, "no run can start before there is an image, which B builds")
		if w.called("Deploy") != 1 || w.called("Build") != 0 || w.called("Bring") != 0 {
			t.Errorf("called %v", w.calls)
		}
	})
}

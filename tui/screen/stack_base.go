package screen

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui"
)

// imageQuestion asks what an image is to be made of.
type imageQuestion struct {
	kit          StackKit
	title        safe.Text
	architecture string
	// deployed is what the image that tasks run stands on, where that is known.
	deployed image.Base
	// without offers to go on with no image.
	without bool
	// then gets the answer; nil is to go on without.
	then func(*ImageChoice) tea.Cmd
}

// imageOption is one answer.
type imageOption struct {
	tui.Option
	choice *ImageChoice
	typed  bool // the base is to be typed
}

func (q imageQuestion) options() []imageOption {
	on := func(base, label string, help safe.Text) imageOption {
		return imageOption{Option: tui.Option{Label: safe.Line(label), Help: help}, choice: &ImageChoice{Architecture: q.architecture, Base: base}}
	}
	published := func(word string) safe.Text {
		return safe.Linef("on the official image %s, looked up now; its digest is told and recorded", image.Published(word))
	}
	var all []imageOption
	if ref := q.deployed.Reference(); ref != "" && ref != image.Scratch {
		all = append(all, on(ref, "the base of the deployed image", standsOn(ref)))
	}
	all = append(all,
		on(image.MySQL, "clients of MySQL and MariaDB", published(image.MySQL)),
		on(image.PostgreSQL, "clients of PostgreSQL", published(image.PostgreSQL)),
		q.dockerfile(),
		imageOption{Option: tui.Option{Label: safe.Line("another base…"), Help: safe.Line("an image of a registry, an OCI layout's folder or a tarball")}, typed: true},
		on(image.Scratch, "nothing, not even a shell", safe.Line("for tasks that run without the image, as those of local AWS that are processes")))
	if q.without {
		all = append(all, imageOption{Option: tui.Option{Label: safe.Line("no image yet"), Help: safe.Line("deploy without: no run can start before B has built one and it is deployed")}})
	}
	return all
}

func (q imageQuestion) dockerfile() imageOption {
	o := imageOption{Option: tui.Option{Label: safe.Line("a Dockerfile"), Disabled: "nothing here can build with one; use stepdeck image push --file"}}
	if q.kit.Dockerfile == nil {
		return o
	}
	file, engine, unable := q.kit.Dockerfile()
	if o.Disabled = unable; unable == "" {
		o.Help = safe.Linef("%s builds %s, with the clients that it names", engine, file)
		o.choice = &ImageChoice{Architecture: q.architecture, Dockerfile: file}
	}
	return o
}

func (q imageQuestion) ask() tea.Cmd {
	options := q.options()
	dialog := &tui.Choice{Title: q.title, Then: func(r tui.Result) tea.Cmd {
		switch {
		case !r.OK:
			return nil
		case options[r.Choice].typed:
			return q.askBase()
		}
		return q.then(options[r.Choice].choice)
	}}
	for i, o := range options {
		dialog.Options = append(dialog.Options, o.Option)
		if q.deployed.Name == image.Scratch && o.choice != nil && o.choice.Base == image.Scratch {
			dialog.At = i
		}
	}
	return tui.Ask(dialog)
}

func (q imageQuestion) askBase() tea.Cmd {
	return tui.Ask(&tui.Prompt{
		Title: q.title, Yes: "go on",
		Note:   []safe.Text{safe.Line("REGISTRY/NAME:TAG, REGISTRY/NAME@sha256:…, or a path. It needs bash and the clients.")},
		Fields: []tui.Field{{Label: safe.Line("base"), Value: q.deployed.Reference(), Check: image.CheckBase}},
		Then: func(r tui.Result) tea.Cmd {
			if !r.OK {
				return nil
			}
			return q.then(&ImageChoice{Architecture: q.architecture, Base: r.Values[0]})
		},
	})
}

// said is what the image is made of.
func (c ImageChoice) said() safe.Text {
	switch {
	case c.Dockerfile != "":
		return safe.Linef("by %s", c.Dockerfile)
	case image.Published(c.Base) != "":
		return standsOn(image.Published(c.Base))
	}
	return standsOn(c.Base)
}

// standsOn tells a base in a line, by enough of its digest to tell it from others.
func standsOn(reference string) safe.Text {
	name, digest, pinned := strings.Cut(reference, "@")
	switch {
	case reference == image.Scratch:
		return safe.Line("on nothing, not even a shell")
	case pinned:
		return safe.Linef("on %s, %s", name, shortDigest(digest))
	}
	return safe.Linef("on %s", name)
}

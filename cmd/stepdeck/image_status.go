package main

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stepdeck/stepdeck/aws/image"
	"github.com/stepdeck/stepdeck/aws/safe"
)

func newImageStatusCommand(a *app) *cobra.Command {
	var f recipeFlags
	var where repositoryFlags
	var local bool
	c := &cobra.Command{
		Use:   "status [-- ENGINE-ARGUMENTS…]",
		Short: "Compare the images that are deployed, newest and here",
		Long: "Tell which image tasks run, which is newest in the repository and, with --build, which would be built\n" +
			"here; what the scans found, and which images no task definition runs any more.",
		RunE: func(c *cobra.Command, args []string) error {
			r := image.StatusRequest{Repository: where.name(), Family: where.family()}
			if local {
				s, err := a.images(c.Context())
				if err != nil {
					return err
				}
				if err := a.stayOnBase(c.Context(), s, &f, where.name()); err != nil {
					return err
				}
				built, err := a.buildImage(c.Context(), f, args)
				if err != nil {
					return err
				}
				r.Local = built
			}
			return a.imageStatus(c.Context(), r, where)
		},
	}
	f.register(c)
	where.register(c)
	c.Flags().BoolVar(&local, "build", false, "build the image too, to compare it")
	return c
}

func (a *app) imageStatus(ctx context.Context, r image.StatusRequest, where repositoryFlags) error {
	s, err := a.images(ctx)
	if err != nil {
		return err
	}
	status, err := s.Status(ctx, r)
	if err != nil {
		return err
	}
	return a.printResult(status, status.Repository, func(w *bytes.Buffer) { a.writeImageStatus(w, status, where) })
}

func (a *app) writeImageStatus(w *bytes.Buffer, s image.Status, where repositoryFlags) {
	rows := [][]cell{a.placedRow("deployed", s.Deployed), a.placedRow("newest", s.Newest)}
	if s.Local != nil {
		state := "not pushed"
		if s.LocalPushed {
			state = "pushed"
		}
		rows = append(rows, cells(safe.Line("here"), safe.Line(s.Local.Digest), safe.Text{}, safe.Bytes(s.Local.Bytes), safe.Line(state)))
	}
	w.Write(a.drawTable([]string{"IMAGE", "DIGEST", "PUSHED", "SIZE", "NOTES"}, rows))
	fmt.Fprintf(w, "\n%s\n", s.Repository)
	if s.Outdated() {
		fmt.Fprintf(w, "Tasks do not run the newest image; next: %s\n", a.placed(where.deploy(s.Repository+"@"+s.Newest.Digest)))
	}
	if len(s.Unused) == 0 {
		return
	}
	fmt.Fprintf(w, "\nNo task definition runs these any more:\n")
	rows = nil
	for _, i := range s.Unused {
		rows = append(rows, cells(safe.Line(i.Digest), clockTime(i.Pushed, a.now()), safe.Bytes(i.Bytes), safe.Line(strings.Join(i.Tags, " "))))
	}
	w.Write(a.drawTable([]string{"DIGEST", "PUSHED", "SIZE", "TAGS"}, rows))
}

func (a *app) placedRow(what string, p *image.Placed) []cell {
	if p == nil {
		return cells(safe.Line(what), safe.Line("none"), safe.Text{}, safe.Text{}, safe.Text{})
	}
	digest := safe.Line(p.Digest).Or(safe.Line(p.Image))
	var notes []string
	if p.Missing {
		notes = append(notes, "not in the repository: no task can start")
	}
	if p.Revision != "" {
		notes = append(notes, "in "+path.Base(p.Revision))
	}
	if found := p.Findings.Summary(); found != "" {
		notes = append(notes, found)
	}
	size := safe.Text{}
	if p.Bytes > 0 {
		size = safe.Bytes(p.Bytes)
	}
	return cells(safe.Line(what), digest, clockTime(p.Pushed, a.now()), size, safe.Line(strings.Join(notes, "; ")))
}

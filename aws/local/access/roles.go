package access

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// Limits of roles. AWS: CreateRole.
const (
	longestName        = 64
	longestDescription = 1000
	leastSession       = 3600
	mostSession        = 43_200
	idLength           = 21
)

// record is a role with what is granted to it.
type record struct {
	Role
	Inline   map[string]document
	Attached []string
}

// Role is a role on the wire.
type Role struct {
	Path          string   `json:"Path" xml:"Path"`
	Name          string   `json:"RoleName" xml:"RoleName"`
	ID            string   `json:"RoleId" xml:"RoleId"`
	ARN           string   `json:"Arn" xml:"Arn"`
	Created       string   `json:"CreateDate" xml:"CreateDate"`
	Trust         document `json:"AssumeRolePolicyDocument" xml:"AssumeRolePolicyDocument"`
	Description   string   `json:"Description,omitempty" xml:"Description,omitempty"`
	LongestSecond int      `json:"MaxSessionDuration" xml:"MaxSessionDuration"`
	Boundary      string   `json:"PermissionsBoundaryArn,omitempty" xml:"PermissionsBoundary>PermissionsBoundaryArn,omitempty"`
	Tags          []tag    `json:"Tags,omitempty" xml:"Tags>member"`
}

type tag struct{ Key, Value string }

type none struct{}

type createRoleInput struct {
	Path        string
	Name        string   `json:"RoleName"`
	Trust       document `json:"AssumeRolePolicyDocument"`
	Description string
	Session     string `json:"MaxSessionDuration"`
	Boundary    string `json:"PermissionsBoundary"`
	Tags        []tag
}

type roleOutput struct {
	Role Role
}

var (
	rolePattern = regexp.MustCompile(`[\w+=,.@-]+`)
	pathPattern = regexp.MustCompile(`(/[\x21-\x7e]+)?/`)
)

func (s *Service) createRole(_ context.Context, in *createRoleInput) (*roleOutput, error) {
	path := cmp.Or(in.Path, "/")
	seconds, err := sessionSeconds(in.Session)
	if err != nil {
		return nil, err
	}
	var v wire.Violations
	v.Length("roleName", in.Name, 1, longestName)
	v.Pattern("roleName", in.Name, rolePattern)
	v.Pattern("path", path, pathPattern)
	v.Length("description", in.Description, 0, longestDescription)
	if err := v.ErrAs("ValidationError"); err != nil {
		return nil, err
	}
	if err := in.Trust.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.roles[in.Name] != nil {
		return nil, conflict("EntityAlreadyExists", "Role with name %s already exists.", in.Name)
	}
	r := &record{Role: Role{
		Path: path, Name: in.Name, ID: ("AROA" + rand.Text())[:idLength], ARN: "arn:aws:iam::" + s.opts.Account + ":role" + path + in.Name,
		Created: s.opts.Clock.Now().UTC().Format(time.RFC3339), Trust: in.Trust, Description: in.Description,
		LongestSecond: seconds, Boundary: in.Boundary, Tags: mergeTags(nil, in.Tags),
	}}
	if err := s.keep(r); err != nil {
		return nil, err
	}
	return &roleOutput{r.Role}, nil
}

func sessionSeconds(text string) (int, error) {
	if text == "" {
		return leastSession, nil
	}
	seconds, err := strconv.Atoi(text)
	if err != nil {
		return 0, wire.Errorf("MalformedInput", "MaxSessionDuration '%s' is not a whole number", text)
	}
	var v wire.Violations
	v.Range("maxSessionDuration", int64(seconds), leastSession, mostSession)
	return seconds, v.ErrAs("ValidationError")
}

type roleInput struct {
	Name string `json:"RoleName"`
}

func (s *Service) getRole(_ context.Context, in *roleInput) (*roleOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(in.Name)
	if err != nil {
		return nil, err
	}
	return &roleOutput{r.Role}, nil
}

type updateRoleInput struct {
	roleInput
	Description *string
	Session     string `json:"MaxSessionDuration"`
}

func (s *Service) updateRole(_ context.Context, in *updateRoleInput) (*none, error) {
	seconds, err := sessionSeconds(in.Session)
	if err != nil {
		return nil, err
	}
	return s.change(in.Name, func(r *record) error {
		if in.Session != "" {
			r.LongestSecond = seconds
		}
		if in.Description != nil {
			r.Description = *in.Description
		}
		return nil
	})
}

type trustInput struct {
	roleInput
	Document document `json:"PolicyDocument"`
}

func (s *Service) updateTrust(_ context.Context, in *trustInput) (*none, error) {
	if err := in.Document.check(); err != nil {
		return nil, err
	}
	return s.change(in.Name, func(r *record) error { r.Trust = in.Document; return nil })
}

func (s *Service) deleteRole(_ context.Context, in *roleInput) (*none, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(in.Name)
	switch {
	case err != nil:
		return nil, err
	case len(r.Attached) > 0:
		return nil, conflict("DeleteConflict", "Cannot delete entity, must detach all policies first.")
	case len(r.Inline) > 0:
		return nil, conflict("DeleteConflict", "Cannot delete entity, must delete policies first.")
	}
	if err := s.opts.Store.Delete(roleBucket, r.Name); err != nil {
		return nil, fmt.Errorf("delete role %s: %w", r.Name, err)
	}
	delete(s.roles, r.Name)
	return &none{}, nil
}

type tagsInput struct {
	roleInput
	Tags []tag
	Keys []string `json:"TagKeys"`
}

func (s *Service) tagRole(_ context.Context, in *tagsInput) (*none, error) {
	return s.change(in.Name, func(r *record) error { r.Tags = mergeTags(r.Tags, in.Tags); return nil })
}

func (s *Service) untagRole(_ context.Context, in *tagsInput) (*none, error) {
	return s.change(in.Name, func(r *record) error {
		r.Tags = slices.DeleteFunc(slices.Clone(r.Tags), func(t tag) bool { return slices.Contains(in.Keys, t.Key) })
		return nil
	})
}

type roleTagsOutput struct {
	IsTruncated bool
	Tags        []tag `xml:"Tags>member"`
}

func (s *Service) listRoleTags(_ context.Context, in *roleInput) (*roleTagsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(in.Name)
	if err != nil {
		return nil, err
	}
	return &roleTagsOutput{Tags: r.Tags}, nil
}

// mergeTags is old with added in place of those with their key, in order of the keys.
func mergeTags(old, added []tag) []tag {
	byKey := map[string]string{}
	for _, t := range append(slices.Clone(old), added...) {
		byKey[t.Key] = t.Value
	}
	var merged []tag
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		merged = append(merged, tag{key, byKey[key]})
	}
	return merged
}

// find is the role of a name. The caller holds s.mu.
func (s *Service) find(name string) (*record, error) {
	r := s.roles[name]
	if r == nil {
		return nil, notFound("The role with name %s cannot be found.", name)
	}
	return r, nil
}

// change keeps a changed copy of a role in its place.
func (s *Service) change(name string, apply func(*record) error) (*none, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before, err := s.find(name)
	if err != nil {
		return nil, err
	}
	after := *before
	after.Inline = maps.Clone(before.Inline)
	if err := apply(&after); err != nil {
		return nil, err
	}
	return &none{}, s.keep(&after)
}

// keep writes a role and puts it in place of what it was. The caller holds s.mu.
func (s *Service) keep(r *record) error {
	if err := s.opts.Store.Put(roleBucket, r.Name, r); err != nil {
		return fmt.Errorf("keep role %s: %w", r.Name, err)
	}
	s.roles[r.Name] = r
	return nil
}

func conflict(code, format string, args ...any) error {
	return &wire.Error{Code: code, Message: fmt.Sprintf(format, args...), Status: http.StatusConflict}
}

func notFound(format string, args ...any) error {
	return &wire.Error{Code: "NoSuchEntity", Message: fmt.Sprintf(format, args...), Status: http.StatusNotFound}
}

package stacks

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/stacks/evaluate"
)

type validatedTemplate struct {
	Description        string `xml:",omitempty"`
	Parameters         members[validatedParameter]
	Capabilities       members[string]
	CapabilitiesReason string `xml:",omitempty"`
	DeclaredTransforms members[string]
}

type validatedParameter struct {
	Key         string  `xml:"ParameterKey"`
	Default     *string `xml:"DefaultValue,omitempty"`
	NoEcho      bool
	Description string `xml:",omitempty"`
}

func (s *Service) validateTemplate(ctx context.Context, values url.Values) (any, error) {
	f, err := s.formOf(ctx, values)
	if err != nil {
		return nil, err
	}
	text, err := f.templateText(nil)
	if err != nil {
		return nil, err
	}
	_, t, transforms, err := s.process(text)
	if err != nil {
		return nil, asRequestError(err)
	}
	out := validatedTemplate{Description: t.Description, DeclaredTransforms: list(transforms)}
	out.Capabilities, out.CapabilitiesReason = needed(t, transforms)
	for _, name := range slices.Sorted(maps.Keys(t.Parameters)) {
		p := t.Parameters[name]
		out.Parameters.Items = append(out.Parameters.Items, validatedParameter{Key: name, Default: p.Default, NoEcho: p.NoEcho, Description: p.Description})
	}
	return out, nil
}

// needed are the capabilities to be given, and why.
func needed(t *evaluate.Template, transforms []string) (capabilities members[string], reason string) {
	if capability, types := required(t); capability != "" {
		capabilities.Items = append(capabilities.Items, capability)
		reason = "The following resource(s) require capabilities: [" + strings.Join(types, ", ") + "]"
	}
	if len(transforms) > 0 {
		capabilities.Items = append(capabilities.Items, capabilityExpand)
	}
	return capabilities, reason
}

type templateSummary struct {
	Description        string `xml:",omitempty"`
	Metadata           string `xml:",omitempty"`
	Version            string `xml:",omitempty"`
	Parameters         members[summedParameter]
	ResourceTypes      members[string]
	Capabilities       members[string]
	CapabilitiesReason string `xml:",omitempty"`
	DeclaredTransforms members[string]
}

type summedParameter struct {
	Key         string  `xml:"ParameterKey"`
	Default     *string `xml:"DefaultValue,omitempty"`
	Type        string  `xml:"ParameterType"`
	NoEcho      bool
	Description string           `xml:",omitempty"`
	Constraints summedConstraint `xml:"ParameterConstraints"`
}

type summedConstraint struct {
	AllowedValues members[string]
}

func (s *Service) getTemplateSummary(ctx context.Context, values url.Values) (any, error) {
	f, err := s.formOf(ctx, values)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var text string
	if name := f.Get("StackName"); name != "" {
		st, err := s.need(name)
		if err != nil {
			return nil, err
		}
		text = st.current().Original
	} else if text, err = f.templateText(nil); err != nil {
		return nil, err
	}
	_, t, transforms, err := s.process(text)
	if err != nil {
		return nil, asRequestError(err)
	}
	out := templateSummary{Description: t.Description, Metadata: metadataText(t.Metadata), Version: t.Version, DeclaredTransforms: list(transforms)}
	out.Capabilities, out.CapabilitiesReason = needed(t, transforms)
	for _, name := range slices.Sorted(maps.Keys(t.Parameters)) {
		p := t.Parameters[name]
		out.Parameters.Items = append(out.Parameters.Items, summedParameter{
			Key: name, Default: p.Default, Type: p.Type, NoEcho: p.NoEcho, Description: p.Description,
			Constraints: summedConstraint{AllowedValues: list(p.AllowedValues)},
		})
	}
	for _, r := range t.Resources {
		out.ResourceTypes.Items = append(out.ResourceTypes.Items, r.Type)
	}
	slices.Sort(out.ResourceTypes.Items)
	out.ResourceTypes.Items = slices.Compact(out.ResourceTypes.Items)
	return out, nil
}

type gotTemplate struct {
	Body   string          `xml:"TemplateBody"`
	Stages members[string] `xml:"StagesAvailable"`
}

func (s *Service) getTemplate(_ context.Context, values url.Values) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var d deployment
	name := values.Get("StackName")
	if set := values.Get("ChangeSetName"); set != "" {
		cs, err := s.changeSetOf(set, name)
		if err != nil {
			return nil, err
		}
		d = cs.Deployment
	} else {
		st, err := s.need(name)
		if err != nil {
			return nil, err
		}
		d = st.current()
	}
	if d.Original == "" {
		return nil, refuse("Template not available for stack %s: no change set was executed.", name)
	}
	out := gotTemplate{Body: d.Original, Stages: list([]string{"Original", "Processed"})}
	if stage := values.Get("TemplateStage"); stage == "Processed" {
		out.Body = d.Processed
	}
	return out, nil
}

package stacks

import (
	"context"
	"net/url"

	"github.com/stepdeck/stepdeck/aws/local/stacks/evaluate"
)

// resourceCore is what every description of a resource has.
type resourceCore struct {
	Logical  string                `xml:"LogicalResourceId"`
	Physical string                `xml:"PhysicalResourceId,omitempty"`
	Type     string                `xml:"ResourceType"`
	Status   string                `xml:"ResourceStatus"`
	Reason   string                `xml:"ResourceStatusReason,omitempty"`
	Drift    describedResourceInfo `xml:"DriftInformation"`
}

func (r *resource) core() resourceCore {
	return resourceCore{
		Logical: r.Logical, Physical: r.ID, Type: r.Type, Status: r.Status, Reason: r.Reason,
		Drift: describedResourceInfo{Status: r.Drift.status(), Last: at(r.Drift.At)},
	}
}

type describedResource struct {
	resourceCore
	StackID   string `xml:"StackId"`
	StackName string
	Timestamp string `xml:",omitempty"`
	Updated   string `xml:"LastUpdatedTimestamp,omitempty"`
	Metadata  string `xml:",omitempty"`
}

type describedResourceInfo struct {
	Status string `xml:"StackResourceDriftStatus"`
	Last   string `xml:"LastCheckTimestamp,omitempty"`
}

func (r *resource) described(st *stack) describedResource {
	return describedResource{resourceCore: r.core(), StackID: st.ID, StackName: st.Name}
}

type describedResources struct {
	Resources members[describedResource] `xml:"StackResources"`
}

// describeStackResources answers by stack, or by the physical ID of one of its resources.
func (s *Service) describeStackResources(_ context.Context, values url.Values) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, logical, physical := values.Get("StackName"), values.Get("LogicalResourceId"), values.Get("PhysicalResourceId")
	st := s.owner(physical)
	switch {
	case name == "" && physical == "":
		return nil, refuse("Either StackName or PhysicalResourceId must be specified.")
	case name != "" && physical != "":
		return nil, refuse("StackName and PhysicalResourceId can not be specified at the same time.")
	case name != "":
		var err error
		if st, err = s.need(name); err != nil {
			return nil, err
		}
	case st == nil:
		return nil, refuse("Stack for %s does not exist", physical)
	}
	var out describedResources
	for _, id := range logicals(st) {
		if logical == "" || id == logical {
			d := st.Resources[id].described(st)
			d.Timestamp = at(st.Resources[id].Updated)
			out.Resources.Items = append(out.Resources.Items, d)
		}
	}
	return out, nil
}

// owner is the stack that has a physical resource.
func (s *Service) owner(physical string) *stack {
	for _, st := range s.stacks {
		for _, r := range st.Resources {
			if physical != "" && r.ID == physical && r.live() {
				return st
			}
		}
	}
	return nil
}

type describedDetailOf struct {
	Detail describedResource `xml:"StackResourceDetail"`
}

func (s *Service) describeStackResource(f form, st *stack) (any, error) {
	logical := f.Get("LogicalResourceId")
	r := st.Resources[logical]
	if r == nil {
		return nil, refuse("Resource %s does not exist for stack %s", logical, st.Name)
	}
	d := r.described(st)
	d.Updated = at(r.Updated)
	if len(r.Metadata) > 0 {
		d.Metadata = evaluate.Text(r.Metadata)
	}
	return describedDetailOf{Detail: d}, nil
}

type listedResource struct {
	resourceCore
	Updated string `xml:"LastUpdatedTimestamp"`
}

type listedResources struct {
	Summaries members[listedResource] `xml:"StackResourceSummaries"`
	NextToken string                  `xml:",omitempty"`
}

func (s *Service) listStackResources(f form, st *stack) (any, error) {
	resources, next, err := page(logicals(st), f.Get("NextToken"), func(logical string) listedResource {
		r := st.Resources[logical]
		return listedResource{resourceCore: r.core(), Updated: at(r.Updated)}
	})
	return listedResources{Summaries: resources, NextToken: next}, err
}

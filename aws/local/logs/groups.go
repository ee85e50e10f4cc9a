package logs

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// maxDescribe is the most items on a page of groups or of streams, also the default.
const maxDescribe = 50

type createLogGroupInput struct {
	LogGroupName string            `json:"logGroupName"`
	Tags         map[string]string `json:"tags"`
}

func (s *Service) createLogGroup(_ context.Context, in *createLogGroupInput) (*none, error) {
	if err := checkNames(in.LogGroupName, nil); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.groups[in.LogGroupName] != nil {
		return nil, wire.Errorf(alreadyExists, "The specified log group already exists")
	}
	g := &group{
		groupRecord: groupRecord{Name: in.LogGroupName, Created: s.now().UnixMilli(), Tags: in.Tags},
		streams:     map[string]*stream{},
	}
	if err := s.saveGroup(g); err != nil {
		return nil, err
	}
	s.groups[g.Name] = g
	return &none{}, nil
}

type groupInput struct {
	LogGroupName string `json:"logGroupName"`
}

func (s *Service) deleteLogGroup(_ context.Context, in *groupInput) (*none, error) {
	if err := checkNames(in.LogGroupName, nil); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[in.LogGroupName]
	if g == nil {
		return nil, errNoGroup
	}
	for _, st := range g.streams {
		if err := s.forgetStream(st); err != nil {
			return nil, err
		}
	}
	if err := s.opts.Store.Delete(groupBucket, g.Name); err != nil {
		return nil, err
	}
	delete(s.groups, g.Name)
	return &none{}, nil
}

type describeLogGroupsInput struct {
	LogGroupNamePrefix  string `json:"logGroupNamePrefix"`
	LogGroupNamePattern string `json:"logGroupNamePattern"`
	NextToken           string `json:"nextToken"`
	Limit               *int32 `json:"limit"`
}

type describeLogGroupsOutput struct {
	LogGroups []logGroup `json:"logGroups"`
	NextToken string     `json:"nextToken,omitempty"`
}

type logGroup struct {
	ARN                string `json:"arn"`
	CreationTime       int64  `json:"creationTime"`
	DeletionProtection bool   `json:"deletionProtectionEnabled"`
	LogGroupARN        string `json:"logGroupArn"`
	LogGroupClass      string `json:"logGroupClass"`
	LogGroupName       string `json:"logGroupName"`
	MetricFilterCount  int    `json:"metricFilterCount"`
	RetentionInDays    int32  `json:"retentionInDays,omitempty"`
	StoredBytes        int64  `json:"storedBytes"`
}

func (s *Service) describeLogGroups(_ context.Context, in *describeLogGroupsInput) (*describeLogGroupsOutput, error) {
	limit, err := pageLimit(in.Limit, maxDescribe)
	if err != nil {
		return nil, err
	}
	if in.LogGroupNamePrefix != "" && in.LogGroupNamePattern != "" {
		return nil, wire.Errorf(invalidParameter, "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	}
	after, err := decodeToken("groups", in.NextToken)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &describeLogGroupsOutput{LogGroups: []logGroup{}}
	for _, name := range slices.Sorted(maps.Keys(s.groups)) {
		if name <= after || !strings.HasPrefix(name, in.LogGroupNamePrefix) || !strings.Contains(name, in.LogGroupNamePattern) {
			continue
		}
		if len(out.LogGroups) == limit {
			out.NextToken = encodeToken("groups", out.LogGroups[limit-1].LogGroupName)
			break
		}
		g := s.groups[name]
		if err := s.expire(g); err != nil {
			return nil, err
		}
		out.LogGroups = append(out.LogGroups, s.describeGroup(g))
	}
	return out, nil
}

func (s *Service) describeGroup(g *group) logGroup {
	arn := s.groupARN(g.Name)
	var stored int64
	for _, st := range g.streams {
		stored += st.stored
	}
	return logGroup{
		ARN: arn + ":*", LogGroupARN: arn, LogGroupName: g.Name, LogGroupClass: "STANDARD",
		CreationTime: g.Created, RetentionInDays: g.Days, StoredBytes: stored,
	}
}

// pageLimit is the number of items that a page may hold.
func pageLimit(asked *int32, most int) (int, error) {
	if asked == nil {
		return most, nil
	}
	var v wire.Violations
	v.Range("limit", int64(*asked), 1, int64(most))
	return int(*asked), v.ErrAs(invalidParameter)
}

package ecs

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// Limits of the calls on tasks. AWS: DescribeTasks, StopTask.
const (
	mostDescribed  = 100
	mostStopReason = 1024
	defaultReason  = "Task stopped by user"
)

// purge forgets the tasks that stopped too long ago. The caller holds s.mu.
func (s *Service) purge() {
	now := s.clock.Now()
	for id, t := range s.tasks {
		if !t.expired(now) {
			continue
		}
		if err := s.options.Store.Delete(taskBucket, t.key()); err != nil {
			s.log.Error("an old task is not forgotten", "task", t.TaskArn, "error", err)
			continue
		}
		delete(s.tasks, id)
	}
}

// taskID checks an id or an ARN of a task and gives the id.
func taskID(cluster *clusterRecord, idOrARN string) (string, error) {
	id := idOrARN
	if strings.HasPrefix(idOrARN, "arn:") {
		owner, rest, found := strings.Cut(nameOf("task", idOrARN), "/")
		if !found {
			return "", invalid("Invalid identifier: %s is not the ARN of a task.", idOrARN)
		}
		if owner != cluster.ClusterName {
			return "", invalid("Invalid identifier: Identifier is for cluster %s. Your cluster is %s", owner, cluster.ClusterName)
		}
		id = rest
	}
	if len(id) != 32 && len(id) != 36 {
		return "", invalid("taskId length should be one of [32,36]")
	}
	return id, nil
}

// task finds a task of the cluster; nil when there is none. The caller holds s.mu.
func (s *Service) task(cluster *clusterRecord, id string) *task {
	if t := s.tasks[id]; t != nil && t.ClusterArn == cluster.ClusterArn {
		return t
	}
	return nil
}

type stopTaskInput struct {
	Cluster string `json:"cluster"`
	Task    string `json:"task"`
	Reason  string `json:"reason"`
}

type taskOutput struct {
	Task Task `json:"task"`
}

// stopTask answers at once; the task ends in its own time. A task that is
// stopping or stopped stays as it is.
func (s *Service) stopTask(_ context.Context, in *stopTaskInput) (*taskOutput, error) {
	if in.Task == "" {
		return nil, invalid("Task can not be blank.")
	}
	if len(in.Reason) > mostStopReason {
		return nil, invalid("reason must be at most %d characters.", mostStopReason)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.purge()
	cluster, err := s.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	id, err := taskID(cluster, in.Task)
	if err != nil {
		return nil, err
	}
	t := s.task(cluster, id)
	if t == nil {
		return nil, invalid("The referenced task was not found.")
	}
	s.condemnLocked(t, stopUser, cmp.Or(in.Reason, defaultReason))
	return &taskOutput{t.snapshot()}, nil
}

type describeTasksInput struct {
	Cluster string   `json:"cluster"`
	Tasks   []string `json:"tasks"`
	Include []string `json:"include"`
}

func (s *Service) describeTasks(_ context.Context, in *describeTasksInput) (*runTaskOutput, error) {
	switch {
	case len(in.Tasks) == 0:
		return nil, invalid("Tasks cannot be empty.")
	case len(in.Tasks) > mostDescribed:
		return nil, invalid("Tasks cannot have more than %d elements.", mostDescribed)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.purge()
	cluster, err := s.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	out := &runTaskOutput{Tasks: []Task{}, Failures: []Failure{}}
	for _, name := range in.Tasks {
		id, err := taskID(cluster, name)
		if err != nil {
			return nil, err
		}
		t := s.task(cluster, id)
		if t == nil {
			out.Failures = append(out.Failures, Failure{Arn: s.arn("task", cluster.ClusterName+"/"+id), Reason: "MISSING"})
			continue
		}
		found := t.snapshot()
		if !slices.Contains(in.Include, "TAGS") {
			found.Tags = []Tag{}
		}
		out.Tasks = append(out.Tasks, found)
	}
	return out, nil
}

type listTasksInput struct {
	listInput
	Cluster       string `json:"cluster"`
	Family        string `json:"family"`
	StartedBy     string `json:"startedBy"`
	DesiredStatus string `json:"desiredStatus"`
	LaunchType    string `json:"launchType"`
	ServiceName   string `json:"serviceName"`
}

type listTasksOutput struct {
	TaskArns  []string `json:"taskArns"`
	NextToken *string  `json:"nextToken,omitempty"`
}

// listTasks lists the newest first. AWS: ListTasks; desiredStatus is RUNNING
// unless the request says otherwise, and no task is ever meant to be PENDING.
func (s *Service) listTasks(_ context.Context, in *listTasksInput) (*listTasksOutput, error) {
	desired := cmp.Or(in.DesiredStatus, statusRunning)
	switch {
	case !slices.Contains([]string{statusRunning, statusPending, statusStopped}, desired):
		return nil, invalid("desiredStatus must be one of [RUNNING, PENDING, STOPPED], not '%s'", desired)
	case in.StartedBy != "" && (in.Family != "" || in.ServiceName != ""):
		return nil, invalid("Only one of family, serviceName and startedBy may be given.")
	case in.ServiceName != "":
		return nil, wire.Errorf("ServiceNotFoundException", "Service not found.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.purge()
	cluster, err := s.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	var all []keyed
	for _, t := range s.tasks {
		if t.ClusterArn == cluster.ClusterArn && t.DesiredStatus == desired && in.fits(t) {
			all = append(all, keyed{numberKey(math.MaxInt64 - t.Sequence), t.TaskArn})
		}
	}
	arns, next, err := page(all, false, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return &listTasksOutput{arns, next}, nil
}

func (in *listTasksInput) fits(t *task) bool {
	return (in.Family == "" || in.Family == t.Family) &&
		(in.StartedBy == "" || in.StartedBy == t.StartedBy) &&
		(in.LaunchType == "" || in.LaunchType == t.LaunchType)
}

// Stopped waits until the task is STOPPED and gives its JSON, in camelCase and
// with instants in seconds. It ends early with ctx or when the service closes.
func (s *Service) Stopped(ctx context.Context, cluster, taskARN string) ([]byte, error) {
	t, err := s.awaited(cluster, taskARN)
	if err != nil {
		return nil, err
	}
	select {
	case <-t.stopped:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.context.Done():
		return nil, s.context.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return settled(t.Task)
}

func (s *Service) awaited(cluster, taskARN string) (*task, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.cluster(cluster)
	if err != nil {
		return nil, err
	}
	id, err := taskID(c, taskARN)
	if err != nil {
		return nil, err
	}
	t := s.task(c, id)
	if t == nil {
		return nil, invalid("The referenced task was not found.")
	}
	return t, nil
}

package ecs

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// metadataPath is where containers find what they are.
const metadataPath = "/_local/metadata/"

// containerMetadata is a container as the task metadata endpoint version 4
// tells it.
type containerMetadata struct {
	DockerID      string            `json:"DockerId"`
	Name          string            `json:"Name"`
	DockerName    string            `json:"DockerName"`
	Image         string            `json:"Image"`
	ImageID       string            `json:"ImageID"`
	Labels        map[string]string `json:"Labels"`
	DesiredStatus string            `json:"DesiredStatus"`
	KnownStatus   string            `json:"KnownStatus"`
	Limits        metadataLimits    `json:"Limits"`
	CreatedAt     string            `json:"CreatedAt"`
	Type          string            `json:"Type"`
	LogDriver     string            `json:"LogDriver,omitempty"`
	LogOptions    map[string]string `json:"LogOptions,omitempty"`
	ContainerARN  string            `json:"ContainerARN"`
	Networks      []metadataNetwork `json:"Networks"`
}

type metadataLimits struct {
	CPU    float64 `json:"CPU"`
	Memory int     `json:"Memory,omitempty"`
}

type metadataNetwork struct {
	NetworkMode   string   `json:"NetworkMode"`
	IPv4Addresses []string `json:"IPv4Addresses"`
}

type taskMetadata struct {
	Cluster          string              `json:"Cluster"`
	TaskARN          string              `json:"TaskARN"`
	Family           string              `json:"Family"`
	Revision         string              `json:"Revision"`
	DesiredStatus    string              `json:"DesiredStatus"`
	KnownStatus      string              `json:"KnownStatus"`
	Limits           metadataLimits      `json:"Limits"`
	AvailabilityZone string              `json:"AvailabilityZone"`
	LaunchType       string              `json:"LaunchType"`
	Containers       []containerMetadata `json:"Containers"`
}

// Metadata answers ECS_CONTAINER_METADATA_URI_V4: GET /_local/metadata/{id}
// for the container and /_local/metadata/{id}/task for its task. The id is a
// container's runtime id, or a task's for its first container.
func (s *Service) Metadata() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+metadataPath+"{id}", func(w http.ResponseWriter, r *http.Request) {
		s.tell(w, r, func(t *task, index int) any { return t.containerMetadata(index) })
	})
	mux.HandleFunc("GET "+metadataPath+"{id}/task", func(w http.ResponseWriter, r *http.Request) {
		s.tell(w, r, func(t *task, _ int) any { return t.metadata() })
	})
	return mux
}

func (s *Service) tell(w http.ResponseWriter, r *http.Request, what func(*task, int) any) {
	text, err := s.told(r.PathValue("id"), what)
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	case text == nil:
		http.Error(w, "no task runs with the id "+r.PathValue("id"), http.StatusNotFound)
	default:
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(text)
	}
}

func (s *Service) told(id string, what func(*task, int) any) ([]byte, error) {
	task, _, _ := strings.Cut(id, "-")
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tasks[task]
	if t == nil || t.LastStatus == statusStopped {
		return nil, nil
	}
	for i, c := range t.Containers {
		if id == task || id == c.RuntimeID {
			return wire.Encode(what(t, i))
		}
	}
	return nil, nil
}

func (t *task) containerMetadata(index int) containerMetadata {
	c, d := t.Containers[index], t.definition.ContainerDefinitions[index]
	m := containerMetadata{
		DockerID: c.RuntimeID, Name: c.Name, DockerName: c.Name, Image: c.Image, ImageID: c.ImageDigest,
		Labels: map[string]string{
			"com.amazonaws.ecs.cluster":                 t.ClusterArn,
			"com.amazonaws.ecs.container-name":          c.Name,
			"com.amazonaws.ecs.task-arn":                t.TaskArn,
			"com.amazonaws.ecs.task-definition-family":  t.Family,
			"com.amazonaws.ecs.task-definition-version": strconv.Itoa(t.definition.Revision),
		},
		DesiredStatus: t.DesiredStatus, KnownStatus: c.LastStatus, Type: "NORMAL",
		CreatedAt: eventTime(time.Time(*t.CreatedAt)), ContainerARN: c.ContainerArn, Networks: []metadataNetwork{},
	}
	units, _ := strconv.Atoi(c.CPU)
	m.Limits.CPU = float64(units)
	m.Limits.Memory, _ = strconv.Atoi(c.Memory)
	for _, n := range c.NetworkInterfaces {
		m.Networks = append(m.Networks, metadataNetwork{NetworkMode: networkModeVPC, IPv4Addresses: []string{n.PrivateIpv4Address}})
	}
	if group, stream, ok := logStream(d, t.id()); ok {
		m.LogDriver = logDriverAWSLogs
		m.LogOptions = map[string]string{
			"awslogs-group": group, "awslogs-stream": stream, "awslogs-region": d.LogConfiguration.Options["awslogs-region"],
		}
	}
	return m
}

func (t *task) metadata() taskMetadata {
	units, _ := strconv.Atoi(t.CPU)
	memory, _ := strconv.Atoi(t.Memory)
	m := taskMetadata{
		Cluster: t.ClusterArn, TaskARN: t.TaskArn, Family: t.Family, Revision: strconv.Itoa(t.definition.Revision),
		DesiredStatus: t.DesiredStatus, KnownStatus: t.LastStatus,
		Limits:           metadataLimits{CPU: float64(units) / 1024, Memory: memory},
		AvailabilityZone: t.AvailabilityZone, LaunchType: t.LaunchType,
	}
	for i := range t.Containers {
		m.Containers = append(m.Containers, t.containerMetadata(i))
	}
	return m
}

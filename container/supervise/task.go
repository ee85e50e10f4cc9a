package supervise

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"time"
)

const metadataLimit = 2 * time.Second

// task is what the ECS container metadata endpoint (v4) says about where the job runs.
type task struct{ ARN, LogStream string }

// lookUpTask asks the endpoint at uri; outside ECS (no uri) and after a failure the task is empty.
func lookUpTask(ctx context.Context, uri string, log *log.Logger) task {
	if uri == "" {
		return task{}
	}
	found, err := fetchTask(ctx, uri)
	if err != nil {
		log.Printf("the task is unknown: %v", err)
	}
	return found
}

func fetchTask(ctx context.Context, uri string) (task, error) {
	ctx, cancel := context.WithTimeout(ctx, metadataLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
	if err != nil {
		return task{}, fmt.Errorf("ECS_CONTAINER_METADATA_URI_V4: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return task{}, fmt.Errorf("container metadata: %w", err)
	}
	defer response.Body.Close() //nolint:errcheck // a read body has nothing left to say
	if response.StatusCode != http.StatusOK {
		return task{}, fmt.Errorf("container metadata: %s", response.Status)
	}
	var container struct {
		Labels     map[string]string
		LogOptions map[string]string
	}
	if err := json.NewDecoder(response.Body).Decode(&container); err != nil {
		return task{}, fmt.Errorf("container metadata: %w", err)
	}
	return task{ARN: container.Labels["com.amazonaws.ecs.task-arn"], LogStream: container.LogOptions["awslogs-stream"]}, nil
}

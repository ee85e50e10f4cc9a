package supervise

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/container/objects"
)

const (
	tokenName        = "TASK_TOKEN"
	reservedPrefix   = "STEPRUN_"
	defaultGrace     = 100 * time.Second
	defaultHeartbeat = 300 * time.Second // HeartbeatSeconds of the state
	longestBeat      = 30 * time.Second
)

// Config is what the environment of steprun says.
type Config struct {
	Token       string            // TASK_TOKEN; "" runs the job without reporting
	Beat        time.Duration     // between heartbeats: a quarter of STEPRUN_HEARTBEAT_SECONDS, at most 30 s
	Grace       time.Duration     // STEPRUN_GRACE_SECONDS: from a stop signal to SIGKILL
	Input       *objects.Location // STEPRUN_INPUT, or nil
	Artifacts   *objects.Location // STEPRUN_ARTIFACTS: prefix for output that is too large, or nil
	Secrets     []string          // values of the variables that STEPRUN_SECRETS names
	MetadataURI string            // ECS_CONTAINER_METADATA_URI_V4
	Environ     []string          // for the job: everything but the token
	Problem     error             // names the variables that are wrong; their defaults are in place
}

// ReadConfig reads the environment, in the form of os.Environ. With a Problem the configuration still
// serves to report it.
func ReadConfig(environ []string) Config {
	values := map[string]string{}
	config := Config{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		values[name] = value
		if name != tokenName {
			config.Environ = append(config.Environ, entry)
		}
	}
	problems := problems{}
	config.Token = values[tokenName]
	config.MetadataURI = values["ECS_CONTAINER_METADATA_URI_V4"]
	heartbeat := problems.seconds(values, "STEPRUN_HEARTBEAT_SECONDS", defaultHeartbeat, 1)
	config.Beat = min(heartbeat/4, longestBeat)
	config.Grace = problems.seconds(values, "STEPRUN_GRACE_SECONDS", defaultGrace, 0)
	config.Input = problems.location(values, "STEPRUN_INPUT", objects.Parse)
	config.Artifacts = problems.location(values, "STEPRUN_ARTIFACTS", objects.ParsePrefix)
	for _, name := range strings.Split(values["STEPRUN_SECRETS"], ",") {
		if value := values[strings.TrimSpace(name)]; value != "" {
			config.Secrets = append(config.Secrets, value)
		}
	}
	config.Problem = problems.err()
	return config
}

type problems struct{ texts []string }

func (p *problems) seconds(values map[string]string, name string, fallback time.Duration, least int) time.Duration {
	text := values[name]
	if text == "" {
		return fallback
	}
	const most = 31_536_000 // a year: AWS allows no longer heartbeat
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < least || seconds > most {
		p.texts = append(p.texts, fmt.Sprintf("%s is %q; give whole seconds from %d to %d", name, text, least, most))
		return fallback
	}
	return time.Duration(seconds) * time.Second
}

func (p *problems) location(values map[string]string, name string, parse func(string) (objects.Location, error)) *objects.Location {
	if values[name] == "" {
		return nil
	}
	location, err := parse(values[name])
	if err != nil {
		p.texts = append(p.texts, fmt.Sprintf("%s: %v", name, err))
		return nil
	}
	return &location
}

func (p *problems) err() error {
	if len(p.texts) == 0 {
		return nil
	}
	return errors.New(strings.Join(p.texts, "; "))
}

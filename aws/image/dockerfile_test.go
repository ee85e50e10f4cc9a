package image_test

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// configured is the configuration that the stage "base" of the Dockerfile gives.
func configured(t *testing.T) v1.Config {
	t.Helper()
	text, err := os.ReadFile("../../container/Dockerfile")
	noError(t, err)
	var c v1.Config
	stage := ""
	lines := bufio.NewScanner(strings.NewReader(strings.ReplaceAll(string(text), "\\\n", " ")))
	for lines.Scan() {
		instruction, rest, _ := strings.Cut(lines.Text(), " ")
		if words := strings.Fields(rest); instruction == "FROM" && len(words) == 3 {
			stage = words[2]
		}
		if stage != "base" {
			continue
		}
		switch instruction {
		case "ENV":
			c.Env = append(c.Env, strings.Fields(rest)...)
		case "VOLUME":
			c.Volumes = map[string]struct{}{rest: {}}
		case "WORKDIR":
			c.WorkingDir = rest
		case "USER":
			c.User = rest
		case "ENTRYPOINT":
			noError(t, json.Unmarshal([]byte(rest), &c.Entrypoint))
		}
	}
	return c
}

// A job finds the same in an image of layers as in one by the Dockerfile.
func TestBothWaysOfBuildingConfigureTheSame(t *testing.T) {
	file, err := newRig(t).build(recipe(t)).Image().ConfigFile()
	noError(t, err)
	got := file.Config
	got.Labels = nil // they tell what the layers stand on
	if diff := cmp.Diff(configured(t), got); diff != "" {
		t.Error(diff)
	}
}

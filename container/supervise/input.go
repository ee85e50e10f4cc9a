package supervise

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

const (
	maxInput   = 16 << 20 // bytes
	inputLimit = 5 * time.Minute
)

// runInput is the object that STEPRUN_INPUT names: arguments and environment too large for the
// 8,192 characters that ECS gives to overrides.
type runInput struct {
	Args []string                   `json:"args"`
	Env  map[string]json.RawMessage `json:"env"`
}

// readInput completes the command line and the environment of the job from STEPRUN_INPUT. Its args
// follow those of the command line; its env replaces variables, but never the token and STEPRUN_*.
func (j *job) readInput(ctx context.Context) error {
	j.env = slices.Clone(j.Config.Environ)
	if j.Config.Problem != nil || j.Config.Input == nil {
		return j.Config.Problem
	}
	ctx, cancel := context.WithTimeout(ctx, inputLimit)
	defer cancel()
	var data capped
	if _, err := j.Objects.Get(ctx, *j.Config.Input, &data); err != nil {
		return fmt.Errorf("read STEPRUN_INPUT: %w", err)
	}
	decoder := json.NewDecoder(&data.Buffer)
	decoder.DisallowUnknownFields()
	var input runInput
	err := decoder.Decode(&input)
	if err == nil {
		if _, end := decoder.Token(); !errors.Is(end, io.EOF) {
			err = errors.New("there is more behind the object")
		}
	}
	if err != nil {
		return fmt.Errorf(`STEPRUN_INPUT %s must be {"args":["…"],"env":{"NAME":"value"}}: %w`, j.Config.Input, err)
	}
	j.argv = append(slices.Clone(j.argv), input.Args...)
	return j.setEnv(input.Env)
}

func (j *job) setEnv(values map[string]json.RawMessage) error {
	var entries []string
	for name, value := range values {
		switch {
		case name == tokenName || strings.HasPrefix(name, reservedPrefix):
			j.log.Printf("STEPRUN_INPUT may not set %s; ignored", name)
			continue
		case name == "" || strings.ContainsAny(name, "=\x00"):
			return fmt.Errorf("STEPRUN_INPUT %s: %q is not a name of a variable", j.Config.Input, name)
		}
		text := plain(value)
		if strings.Contains(text, "\x00") {
			return fmt.Errorf("STEPRUN_INPUT %s: the value of %s has a zero byte, which no variable can hold", j.Config.Input, name)
		}
		entries = append(entries, name+"="+text)
	}
	slices.Sort(entries)
	j.env = slices.DeleteFunc(j.env, func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		_, replaced := values[name]
		return replaced && name != tokenName && !strings.HasPrefix(name, reservedPrefix)
	})
	j.env = append(j.env, entries...)
	return nil
}

// plain is the text of a JSON string, and the JSON of anything else.
func plain(value json.RawMessage) string {
	var text string
	if err := json.Unmarshal(value, &text); err == nil {
		return text
	}
	return string(value)
}

// capped is a buffer that refuses more than maxInput bytes.
type capped struct{ bytes.Buffer }

func (c *capped) Write(p []byte) (int, error) {
	if c.Len()+len(p) > maxInput {
		return 0, errors.New("it has more than 16 MiB")
	}
	return c.Buffer.Write(p)
}

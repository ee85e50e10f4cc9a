// Package demo fills local AWS with something to look at: machines and runs
// that really ran, really fail and really hang.
package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/local"
	"github.com/stepdeck/stepdeck/infra"
)

// sample is one run to start. Its words are the arguments of the task.
type sample struct {
	machine, name, words string
	input                string // in place of words
}

var samples = []sample{
	{name: "orders", words: "drill succeed --after 2"},
	{name: "customers", words: "drill succeed --after 3"},
	{name: "invoices", words: "drill fail 3 --after 2"},
	{name: "shipments", words: "drill fail 3 --after 1"},
	{name: "warehouse", words: "drill oom --after 1"},
	{name: "clickstream", words: "drill flood 5000"},
	{name: "partner-feed", words: "drill hostile"},
	{name: "typo", input: `{"argz": ["drill", "succeed"]}`},
	{name: "archive", words: "drill succeed --after 1200"},
	{name: "ledger", words: "drill hang"},
	{machine: imagesMachine, name: "spring", input: `{}`},
	{machine: imagesMachine, name: "summer", input: `{"series": ["cover", "broken", "gallery"]}`},
	{machine: imagesMachine, name: "empty", input: `{"series": []}`},
	{machine: legacyMachine, name: "partner", input: `{}`},
}

// Started is a run that Seed started.
type Started struct {
	Machine, Name, ARN string
}

// Seed makes the sample's machines and starts its runs. The runs end, or hang,
// by themselves afterwards.
func Seed(ctx context.Context, s *local.Server, now time.Time) ([]Started, error) {
	if err := createMachines(ctx, s); err != nil {
		return nil, err
	}
	var started []Started
	for _, run := range samples {
		one, err := start(ctx, s, run, now)
		if err != nil {
			return started, err
		}
		started = append(started, one)
	}
	return started, nil
}

func start(ctx context.Context, s *local.Server, run sample, now time.Time) (Started, error) {
	machine, input := run.machine, run.input
	if machine == "" {
		machine = infra.Machine(stackName)
	}
	if input == "" {
		text, err := json.Marshal(object{"args": strings.Fields(run.words)})
		if err != nil {
			return Started{}, fmt.Errorf("encode the input of %s: %w", run.name, err)
		}
		input = string(text)
	}
	name := run.name + "-" + now.Format("20060102-150405")
	request := object{"stateMachineArn": s.MachineARN(machine), "name": name, "input": input}
	var answer struct {
		ExecutionARN string `json:"executionArn"`
	}
	if err := s.Invoke(ctx, "states", "StartExecution", request, &answer); err != nil {
		return Started{}, fmt.Errorf("start %s: %w", name, err)
	}
	return Started{Machine: machine, Name: name, ARN: answer.ExecutionARN}, nil
}

// SeedDump starts a dump of the sample database.
func SeedDump(ctx context.Context, s *local.Server, d *Database, now time.Time) (Started, error) {
	input, err := json.Marshal(object{
		"args": []string{"mysql-dump", "--restore-test", databaseName},
		"env":  object{"DB_HOST": "127.0.0.1", "DB_PORT": d.port, "DB_TLS": "off"},
	})
	if err != nil {
		return Started{}, fmt.Errorf("encode the input of the dump: %w", err)
	}
	return start(ctx, s, sample{name: "shop", input: string(input)}, now)
}

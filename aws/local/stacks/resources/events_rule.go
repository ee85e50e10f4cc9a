package resources

import (
	"context"
	"errors"
	"maps"
	"slices"
)

const ruleType = "AWS::Events::Rule"

// longestRule bounds names of rules.
const longestRule = 64

var (
	targetShape = of(
		texts("Id! Arn! RoleArn Input InputPath"), each("DeadLetterConfig", of(texts("Arn"))),
		each("RetryPolicy", of(numbers("MaximumEventAgeInSeconds MaximumRetryAttempts"))),
		opaque("InputTransformer EcsParameters SqsParameters HttpParameters KinesisParameters BatchParameters RunCommandParameters RedshiftDataParameters SageMakerPipelineParameters AppSyncParameters"),
	)
	ruleProperties = of(
		texts("Name Description EventBusName RoleArn ScheduleExpression"), enum("State", "ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
		opaque("EventPattern"), lists("Targets", targetShape), tagged(),
	)
)

// rule is one of the default event bus; its ID is the name.
func rule() Kind {
	return checked(Kind{
		Type: ruleType, Replaces: []string{"Name", "EventBusName"},
		Create: createRule, Update: updateRule, Delete: deleteRule, Read: readRule,
	}, ruleProperties)
}

func createRule(ctx context.Context, env Env, logical string, p Properties) (Made, error) {
	name := physical(env, logical, p, "Name", longestRule)
	err := env.Invoke(ctx, "events", "DescribeRule", map[string]any{"Name": name}, nil)
	switch {
	case err == nil: // PutRule would change the one that is there
		return Made{}, exists(ruleType, "Arn", env.arn("events", "rule/"+name))
	case !missing(err):
		return Made{}, failed("EventBridge", err)
	}
	if err := putRule(ctx, env, name, Properties{}, p); err != nil {
		return Made{}, errors.Join(err, deleteRule(ctx, env, name, p))
	}
	return ruleMade(env, name), nil
}

func ruleMade(env Env, name string) Made {
	return Made{ID: name, Attributes: map[string]any{"Arn": env.arn("events", "rule/"+name)}}
}

func putRule(ctx context.Context, env Env, name string, old, p Properties) error {
	request := map[string]any{"Name": name}
	for _, property := range []string{"Description", "State", "EventBusName", "RoleArn", "ScheduleExpression", "Tags"} {
		if given := p[property]; given != nil {
			request[property] = given
		}
	}
	if p["EventPattern"] != nil {
		text, err := documentText(p["EventPattern"])
		if err != nil {
			return err
		}
		request["EventPattern"] = text
	}
	if err := env.Invoke(ctx, "events", "PutRule", request, nil); err != nil {
		return failed("EventBridge", err)
	}
	if targets, _ := p["Targets"].([]any); len(targets) > 0 {
		if err := env.Invoke(ctx, "events", "PutTargets", map[string]any{"Rule": name, "Targets": targets}, nil); err != nil {
			return failed("EventBridge", err)
		}
	}
	gone := slices.DeleteFunc(targetIDs(old), func(id string) bool { return slices.Contains(targetIDs(p), id) })
	return removeTargets(ctx, env, name, gone)
}

func targetIDs(p Properties) []string {
	var ids []string
	targets, _ := p["Targets"].([]any)
	for _, target := range targets {
		members, _ := target.(map[string]any)
		ids = append(ids, str(members, "Id"))
	}
	return ids
}

func removeTargets(ctx context.Context, env Env, name string, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	return failed("EventBridge", env.Invoke(ctx, "events", "RemoveTargets", map[string]any{"Rule": name, "Ids": ids}, nil))
}

func updateRule(ctx context.Context, env Env, id string, old, p Properties) (Made, error) {
	if err := inPlace(ctx, env, id, old, p, putRule); err != nil {
		return Made{}, err
	}
	return ruleMade(env, id), nil
}

func deleteRule(ctx context.Context, env Env, id string, p Properties) error {
	err := env.Invoke(ctx, "events", "DescribeRule", map[string]any{"Name": id}, nil)
	switch {
	case missing(err):
		return nil
	case err != nil:
		return failed("EventBridge", err)
	}
	if err := removeTargets(ctx, env, id, targetIDs(p)); err != nil {
		return err
	}
	return failed("EventBridge", env.Invoke(ctx, "events", "DeleteRule", map[string]any{"Name": id}, nil))
}

func readRule(ctx context.Context, env Env, id string, p Properties) (Properties, error) {
	var found map[string]any
	err := env.Invoke(ctx, "events", "DescribeRule", map[string]any{"Name": id}, &found)
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, failed("EventBridge", err)
	}
	var targets struct{ Targets []any }
	if err := env.Invoke(ctx, "events", "ListTargetsByRule", map[string]any{"Rule": id}, &targets); err != nil {
		return nil, failed("EventBridge", err)
	}
	live := maps.Clone(found)
	live["Targets"], live["Tags"], live["EventBusName"] = targets.Targets, p["Tags"], p["EventBusName"]
	out := observed(p, live)
	if p["EventPattern"] != nil {
		out["EventPattern"] = document(p["EventPattern"], str(live, "EventPattern"))
	}
	return out, nil
}

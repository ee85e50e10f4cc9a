package resources

import (
	"context"
	"maps"
)

const logGroupType = "AWS::Logs::LogGroup"

// longestLogGroup bounds names of log groups.
const longestLogGroup = 512

var logGroupShape = of(texts("LogGroupName KmsKeyId"), enum("LogGroupClass", "STANDARD", "INFREQUENT_ACCESS", "DELIVERY"), numbers("RetentionInDays"), opaque("DataProtectionPolicy"), tagged())

func logGroup() Kind {
	return checked(Kind{
		Type: logGroupType, Replaces: []string{"LogGroupName"}, SystemTags: true,
		Create: createLogGroup, Update: updateLogGroup, Delete: deleteLogGroup, Read: readLogGroup,
		Name: "LogGroupName", Existing: func(_ context.Context, env Env, id string) (Made, error) { return logGroupMade(env, id), nil },
	}, logGroupShape)
}

func createLogGroup(ctx context.Context, env Env, logical string, p Properties) (Made, error) {
	name := physical(env, logical, p, "LogGroupName", longestLogGroup)
	request := map[string]any{"logGroupName": name}
	if tags, _ := p["Tags"].([]any); len(tags) > 0 {
		request["tags"] = tagMap(tags)
	}
	err := env.Invoke(ctx, "logs", "CreateLogGroup", request, nil)
	if handlerCode(codeOf(err), 0) == alreadyExists {
		return Made{}, exists(logGroupType, "LogGroupName", name)
	}
	if err != nil {
		return Made{}, failed("CloudWatchLogs", err)
	}
	if err := retain(ctx, env, name, p); err != nil {
		return Made{}, takeBack(ctx, err, env, "logs", "DeleteLogGroup", map[string]any{"logGroupName": name})
	}
	return logGroupMade(env, name), nil
}

func logGroupMade(env Env, name string) Made {
	return Made{ID: name, Attributes: map[string]any{"Arn": env.arn("logs", "log-group:"+name+":*")}}
}

// retain sets for how many days the group keeps its events; for ever when the template does not say.
func retain(ctx context.Context, env Env, name string, p Properties) error {
	if p["RetentionInDays"] == nil {
		return failed("CloudWatchLogs", env.Invoke(ctx, "logs", "DeleteRetentionPolicy", map[string]any{"logGroupName": name}, nil))
	}
	request := map[string]any{"logGroupName": name, "retentionInDays": p["RetentionInDays"]}
	return failed("CloudWatchLogs", env.Invoke(ctx, "logs", "PutRetentionPolicy", request, nil))
}

func updateLogGroup(ctx context.Context, env Env, id string, old, p Properties) (Made, error) {
	return logGroupMade(env, id), inPlace(ctx, env, id, old, p, changeLogGroup)
}

func changeLogGroup(ctx context.Context, env Env, id string, old, p Properties) error {
	if err := retain(ctx, env, id, p); err != nil {
		return err
	}
	return changeTags(ctx, env, "logs", "CloudWatchLogs", env.arn("logs", "log-group:"+id), tagMap, old, p)
}

func deleteLogGroup(ctx context.Context, env Env, id string, _ Properties) error {
	err := env.Invoke(ctx, "logs", "DeleteLogGroup", map[string]any{"logGroupName": id}, nil)
	if missing(err) {
		return nil
	}
	return failed("CloudWatchLogs", err)
}

func readLogGroup(ctx context.Context, env Env, id string, p Properties) (Properties, error) {
	var found struct {
		LogGroups []struct {
			LogGroupName    string
			RetentionInDays int
		}
	}
	if err := env.Invoke(ctx, "logs", "DescribeLogGroups", map[string]any{"logGroupNamePrefix": id}, &found); err != nil {
		return nil, failed("CloudWatchLogs", err)
	}
	// A group's own name sorts before the longer ones that begin with it.
	if len(found.LogGroups) == 0 || found.LogGroups[0].LogGroupName != id {
		return nil, nil
	}
	var tags struct{ Tags map[string]string }
	if err := env.Invoke(ctx, "logs", "ListTagsForResource", map[string]any{"resourceArn": env.arn("logs", "log-group:"+id)}, &tags); err != nil {
		return nil, failed("CloudWatchLogs", err)
	}
	live := Properties{}
	maps.Copy(live, p)
	live["LogGroupName"], live["Tags"] = id, tagItems(tags.Tags)
	delete(live, "RetentionInDays")
	if days := found.LogGroups[0].RetentionInDays; days > 0 {
		live["RetentionInDays"] = days
	}
	return observed(p, live), nil
}

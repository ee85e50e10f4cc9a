package resources

import (
	"fmt"
	"strings"
)

// Longest names of what is kept as records.
const (
	longestQueue    = 80
	longestAlarm    = 255
	longestSchedule = 64
)

var queueShape = of(
	texts("QueueName KmsMasterKeyId"), opaque("RedrivePolicy RedriveAllowPolicy"), tagged(),
	enum("DeduplicationScope", "queue", "messageGroup"), enum("FifoThroughputLimit", "perQueue", "perMessageGroupId"),
	flags("FifoQueue ContentBasedDeduplication SqsManagedSseEnabled"),
	numbers("DelaySeconds KmsDataKeyReusePeriodSeconds MaximumMessageSize MessageRetentionPeriod ReceiveMessageWaitTimeSeconds VisibilityTimeout"),
)

// queue is one of SQS, which local AWS has as a name alone; its ID is the URL.
func queue() Kind {
	return recorded(Kind{Type: "AWS::SQS::Queue", Replaces: []string{"QueueName", "FifoQueue"}}, queueShape, "QueueName",
		func(env Env, logical string, p Properties) string {
			return fmt.Sprintf("https://sqs.%s.amazonaws.com/%s/%s", env.Region, env.Account, physical(env, logical, p, "QueueName", longestQueue))
		},
		func(env Env, url string) map[string]any {
			name := url[strings.LastIndexByte(url, '/')+1:]
			return map[string]any{"Arn": env.arn("sqs", name), "QueueName": name, "QueueUrl": url}
		})
}

func queuePolicy() Kind {
	return recorded(Kind{Type: "AWS::SQS::QueuePolicy"}, of(words("Queues!"), opaque("PolicyDocument!")), "Id",
		func(env Env, logical string, _ Properties) string {
			return physical(env, logical, Properties{}, "", longestQueue)
		},
		func(_ Env, id string) map[string]any { return map[string]any{"Id": id} })
}

// metricStat is the metric of a query of an alarm.
var metricStat = of(
	each("Metric!", of(texts("Namespace MetricName"), lists("Dimensions", of(texts("Name! Value!"))))),
	numbers("Period!"), texts("Stat! Unit"),
)

var alarmShape = of(
	texts("AlarmName AlarmDescription ExtendedStatistic MetricName Namespace Statistic ThresholdMetricId Unit EvaluateLowSampleCountPercentile TreatMissingData"),
	enum("ComparisonOperator!", "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold",
		"LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold"),
	numbers("EvaluationPeriods! DatapointsToAlarm Period Threshold"), flags("ActionsEnabled"),
	words("AlarmActions OKActions InsufficientDataActions"), lists("Dimensions", of(texts("Name! Value!"))), tagged(),
	lists("Metrics", of(texts("Id! Expression Label AccountId"), numbers("Period"), flags("ReturnData"), each("MetricStat", metricStat))),
)

// alarm is never raised: local AWS has no metrics.
func alarm() Kind {
	return recorded(Kind{Type: "AWS::CloudWatch::Alarm", Replaces: []string{"AlarmName"}}, alarmShape, "AlarmName",
		func(env Env, logical string, p Properties) string {
			return physical(env, logical, p, "AlarmName", longestAlarm)
		},
		func(env Env, name string) map[string]any {
			return map[string]any{"Arn": env.arn("cloudwatch", "alarm:"+name)}
		})
}

var scheduleShape = of(
	texts("Name Description GroupName KmsKeyArn ScheduleExpression! ScheduleExpressionTimezone StartDate EndDate"),
	enum("State", "ENABLED", "DISABLED"),
	each("FlexibleTimeWindow!", of(enum("Mode!", "OFF", "FLEXIBLE"), numbers("MaximumWindowInMinutes"))),
	each("Target!", of(
		texts("Arn! RoleArn! Input"), each("DeadLetterConfig", of(texts("Arn"))),
		each("RetryPolicy", of(numbers("MaximumEventAgeInSeconds MaximumRetryAttempts"))),
		opaque("EcsParameters EventBridgeParameters KinesisParameters SageMakerPipelineParameters SqsParameters"),
	)),
)

// schedule never starts anything: runs of local AWS are started by hand.
func schedule() Kind {
	return recorded(Kind{Type: "AWS::Scheduler::Schedule", Replaces: []string{"Name"}}, scheduleShape, "Name",
		func(env Env, logical string, p Properties) string {
			return physical(env, logical, p, "Name", longestSchedule)
		},
		func(env Env, name string) map[string]any {
			return map[string]any{"Arn": env.arn("scheduler", "schedule/default/"+name)}
		})
}

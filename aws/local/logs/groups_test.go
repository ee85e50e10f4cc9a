package logs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var groupARN = "arn:aws:logs:us-east-1:123456789012:log-group:" + groupA

func TestAGroupIsDescribedAsAWSDoes(t *testing.T) {
	r := newRig(t)
	r.both()
	r.put(streamA, line(0, "12345"))
	_, err := r.PutRetentionPolicy(t.Context(), &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String(groupA), RetentionInDays: aws.Int32(30)})
	noError(t, err)
	r.restart()
	out, err := r.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{})
	noError(t, err)
	want := []types.LogGroup{{
		Arn: aws.String(groupARN + ":*"), LogGroupArn: aws.String(groupARN), LogGroupName: aws.String(groupA), LogGroupClass: types.LogGroupClassStandard,
		CreationTime: ms(0), DeletionProtectionEnabled: aws.Bool(false), MetricFilterCount: aws.Int32(0), StoredBytes: aws.Int64(31), RetentionInDays: aws.Int32(30),
	}}
	if diff := cmp.Diff(want, out.LogGroups, cmpopts.IgnoreUnexported(types.LogGroup{})); diff != "" {
		t.Error(diff)
	}
}

func TestGroupsAreListedByNameInPages(t *testing.T) {
	r := newRig(t)
	for _, name := range []string{"c/Foo", "a/Foo", "b/foo"} {
		r.group(name)
	}
	tests := map[string]struct {
		in   cloudwatchlogs.DescribeLogGroupsInput
		want []string
	}{
		"all":        {cloudwatchlogs.DescribeLogGroupsInput{}, []string{"a/Foo", "b/foo", "c/Foo"}},
		"by prefix":  {cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("b")}, []string{"b/foo"}},
		"by pattern": {cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePattern: aws.String("Foo")}, []string{"a/Foo", "c/Foo"}},
	}
	for name, test := range tests {
		for _, limit := range []int32{1, 2, 50} {
			t.Run(fmt.Sprint(name, " ", limit), func(t *testing.T) {
				test.in.Limit = &limit
				var got []string
				pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(r.Client, &test.in)
				for pages.HasMorePages() {
					page, err := pages.NextPage(t.Context())
					noError(t, err)
					for _, g := range page.LogGroups {
						got = append(got, *g.LogGroupName)
					}
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestStreamsAreListedInTheOrderAskedFor(t *testing.T) {
	r := newRig(t)
	r.group(groupA)
	for _, name := range []string{"b", "a", "c", "silent"} {
		r.stream(groupA, name)
	}
	r.put("c", line(0, "x"))
	r.put("a", line(time.Second, "x"))
	r.put("b", line(2*time.Second, "x"))
	tests := map[string]struct {
		in   cloudwatchlogs.DescribeLogStreamsInput
		want []string
	}{
		"by name":            {cloudwatchlogs.DescribeLogStreamsInput{}, []string{"a", "b", "c", "silent"}},
		"by name, backwards": {cloudwatchlogs.DescribeLogStreamsInput{Descending: aws.Bool(true)}, []string{"silent", "c", "b", "a"}},
		"by prefix":          {cloudwatchlogs.DescribeLogStreamsInput{LogStreamNamePrefix: aws.String("s")}, []string{"silent"}},
		"by last event":      {cloudwatchlogs.DescribeLogStreamsInput{OrderBy: types.OrderByLastEventTime}, []string{"silent", "c", "a", "b"}},
		"newest first":       {cloudwatchlogs.DescribeLogStreamsInput{OrderBy: types.OrderByLastEventTime, Descending: aws.Bool(true)}, []string{"b", "a", "c", "silent"}},
	}
	for name, test := range tests {
		for _, limit := range []int32{1, 3, 50} {
			t.Run(fmt.Sprint(name, " ", limit), func(t *testing.T) {
				test.in.LogGroupIdentifier, test.in.Limit = aws.String(groupARN), &limit
				var got []string
				pages := cloudwatchlogs.NewDescribeLogStreamsPaginator(r.Client, &test.in)
				for pages.HasMorePages() {
					page, err := pages.NextPage(t.Context())
					noError(t, err)
					for _, s := range page.LogStreams {
						got = append(got, *s.LogStreamName)
					}
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestAStreamTellsItsTimes(t *testing.T) {
	r := newRig(t)
	r.both()
	r.put(streamA, line(0, "x"), line(time.Minute, "y"))
	r.restart()
	out, err := r.DescribeLogStreams(t.Context(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String(groupA)})
	noError(t, err)
	got := out.LogStreams[0]
	got.UploadSequenceToken, got.StoredBytes = nil, nil //nolint:staticcheck // AWS still sends them
	want := types.LogStream{
		Arn: aws.String(groupARN + ":log-stream:" + streamA), LogStreamName: aws.String(streamA), CreationTime: ms(0),
		FirstEventTimestamp: ms(0), LastEventTimestamp: ms(time.Minute), LastIngestionTime: ms(0),
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(types.LogStream{})); diff != "" {
		t.Error(diff)
	}
}

func TestOldEventsExpire(t *testing.T) {
	r := newRig(t)
	r.both()
	r.put(streamA, line(0, "first"), line(time.Hour, "second"))
	_, err := r.PutRetentionPolicy(t.Context(), &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String(groupA), RetentionInDays: aws.Int32(1)})
	noError(t, err)
	r.clock.Advance(24*time.Hour + time.Minute)
	want := []string{"second"}
	for _, when := range []string{"by the clock", "after a restart"} {
		if diff := cmp.Diff(want, messages(r.get(cloudwatchlogs.GetLogEventsInput{}))); diff != "" {
			t.Errorf("%s: %s", when, diff)
		}
		r.restart()
	}
	r.clock.Advance(24 * time.Hour)
	late := r.put(streamA, line(2*time.Hour, "expired"), line(25*time.Hour, "kept"))
	if late.RejectedLogEventsInfo == nil || aws.ToInt32(late.RejectedLogEventsInfo.ExpiredLogEventEndIndex) != 1 {
		t.Errorf("an expired event is not told: %+v", late.RejectedLogEventsInfo)
	}
	if diff := cmp.Diff([]string{"kept"}, messages(r.get(cloudwatchlogs.GetLogEventsInput{}))); diff != "" {
		t.Error(diff)
	}
	_, err = r.DeleteRetentionPolicy(t.Context(), &cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: aws.String(groupA)})
	noError(t, err)
	r.clock.Advance(10 * 24 * time.Hour)
	if diff := cmp.Diff([]string{"kept"}, messages(r.get(cloudwatchlogs.GetLogEventsInput{}))); diff != "" {
		t.Errorf("without a policy: %s", diff)
	}
}

func TestWhatIsDeletedStaysAway(t *testing.T) {
	r := newRig(t)
	r.both()
	r.stream(groupA, "other")
	r.put(streamA, line(0, "x"))
	_, err := r.DeleteLogStream(t.Context(), &cloudwatchlogs.DeleteLogStreamInput{LogGroupName: aws.String(groupA), LogStreamName: aws.String(streamA)})
	noError(t, err)
	r.stream(groupA, streamA)
	r.restart()
	if out := r.get(cloudwatchlogs.GetLogEventsInput{}); len(out.Events) != 0 {
		t.Errorf("a stream made anew has %d events of the old one", len(out.Events))
	}
	_, err = r.DeleteLogGroup(t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String(groupA)})
	noError(t, err)
	r.restart()
	_, err = r.DeleteLogGroup(t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String(groupA)})
	wantError(t, err, "ResourceNotFoundException", "The specified log group does not exist.")
}

func TestGroupsAndStreamsRefuse(t *testing.T) {
	r := newRig(t)
	r.both()
	ctx := t.Context()
	tests := map[string]struct {
		call          func() error
		code, message string
	}{
		"a group twice": {func() error {
			_, err := r.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(groupA)})
			return err
		}, "ResourceAlreadyExistsException", "The specified log group already exists"},
		"a stream twice": {func() error {
			_, err := r.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String(groupA), LogStreamName: aws.String(streamA)})
			return err
		}, "ResourceAlreadyExistsException", "The specified log stream already exists"},
		"a name too long": {func() error {
			_, err := r.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(strings.Repeat("x", 513))})
			return err
		}, "InvalidParameterException", "Invalid LogGroup or LogStream, both must have length less than or equal to 512."},
		"a name of other characters": {func() error {
			_, err := r.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("a b")})
			return err
		}, "InvalidParameterException", `1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`},
		"a prefix and a pattern": {func() error {
			_, err := r.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("a"), LogGroupNamePattern: aws.String("b")})
			return err
		}, "InvalidParameterException", "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."},
		"a name and an identifier": {func() error {
			_, err := r.DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String("a"), LogGroupIdentifier: aws.String("b")})
			return err
		}, "ValidationException", "LogGroup name and LogGroup ARN are mutually exclusive parameters."},
		"an order by time with a prefix": {func() error {
			_, err := r.DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{
				LogGroupName: aws.String(groupA), LogStreamNamePrefix: aws.String("b"), OrderBy: types.OrderByLastEventTime,
			})
			return err
		}, "InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix."},
		"more than 50 on a page": {func() error {
			_, err := r.DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String(groupA), Limit: aws.Int32(51)})
			return err
		}, "InvalidParameterException", "1 validation error detected: Value '51' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 50"},
		"a retention of two days": {func() error {
			_, err := r.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String(groupA), RetentionInDays: aws.Int32(2)})
			return err
		}, "InvalidParameterException", "1 validation error detected: Value '2' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: " +
			"[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { wantError(t, test.call(), test.code, test.message) })
	}
}

func TestTagsAreAddedReplacedAndTaken(t *testing.T) {
	r := newRig(t)
	_, err := r.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(groupA), Tags: map[string]string{"env": "a", "team": "x"}})
	noError(t, err)
	_, err = r.TagResource(t.Context(), &cloudwatchlogs.TagResourceInput{ResourceArn: aws.String(groupARN), Tags: map[string]string{"env": "b", "new": "y"}})
	noError(t, err)
	_, err = r.UntagResource(t.Context(), &cloudwatchlogs.UntagResourceInput{ResourceArn: aws.String(groupARN + ":*"), TagKeys: []string{"team"}})
	noError(t, err)
	r.restart()
	out, err := r.ListTagsForResource(t.Context(), &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: aws.String(groupARN)})
	noError(t, err)
	if diff := cmp.Diff(map[string]string{"env": "b", "new": "y"}, out.Tags); diff != "" {
		t.Error(diff)
	}
	_, err = r.ListTagsForResource(t.Context(), &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: aws.String(groupARN + "x")})
	wantError(t, err, "ResourceNotFoundException", "The specified log group does not exist.")
}

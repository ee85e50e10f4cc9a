package ecs_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
)

// refused checks that err is the error of AWS that begins so.
func refused(t *testing.T, err error, want string) {
	t.Helper()
	var known smithy.APIError
	if !errors.As(err, &known) {
		t.Errorf("got %v, want %s", err, want)
		return
	}
	if got := known.ErrorCode() + ": " + known.ErrorMessage(); !strings.HasPrefix(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func environment(n int) *types.TaskOverride {
	return &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{
		Name: aws.String("main"), Environment: []types.KeyValuePair{variable("X", strings.Repeat("x", n))},
	}}}
}

func TestRunTaskRefusals(t *testing.T) {
	w := newWorld(t, setup{})
	w.cluster()
	w.register(definition("exit 0"))
	for want, spoil := range map[string]func(*sdk.RunTaskInput){
		"InvalidParameterException: TaskDefinition can not be blank.":                                                   func(in *sdk.RunTaskInput) { in.TaskDefinition = aws.String("") },
		"ClientException: TaskDefinition not found.":                                                                    func(in *sdk.RunTaskInput) { in.TaskDefinition = aws.String("job:2") },
		"ClusterNotFoundException: Cluster not found.":                                                                  func(in *sdk.RunTaskInput) { in.Cluster = aws.String("other") },
		"InvalidParameterException: Network Configuration must be provided when networkMode 'awsvpc' is specified.":     func(in *sdk.RunTaskInput) { in.NetworkConfiguration = nil },
		"InvalidParameterException: subnets can not be empty.":                                                          func(in *sdk.RunTaskInput) { in.NetworkConfiguration.AwsvpcConfiguration.Subnets = []string{} },
		"InvalidParameterException: No Container Instances were found in your cluster.":                                 func(in *sdk.RunTaskInput) { in.LaunchType = "" },
		"InvalidParameterException: launchType must be one of [EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES], not 'MOON'.": func(in *sdk.RunTaskInput) { in.LaunchType = "MOON" },
		"InvalidParameterException: Count must be between 1 and 10, not 11.":                                            func(in *sdk.RunTaskInput) { in.Count = aws.Int32(11) },
		"InvalidParameterException: Count must be between 1 and 10, not 0.":                                             func(in *sdk.RunTaskInput) { in.Count = aws.Int32(0) },
		"InvalidParameterException: clientToken must be at most 64 characters.":                                         func(in *sdk.RunTaskInput) { in.ClientToken = aws.String(strings.Repeat("t", 65)) },
		"InvalidParameterException: startedBy must be at most 128":                                                      func(in *sdk.RunTaskInput) { in.StartedBy = aws.String("{}") },
		"PlatformUnknownException: The specified platform does not exist.":                                              func(in *sdk.RunTaskInput) { in.PlatformVersion = aws.String("9.9.9") },
		"InvalidParameterException: Override for container named nobody is not a container in the TaskDefinition.": func(in *sdk.RunTaskInput) {
			in.Overrides = environment(1)
			in.Overrides.ContainerOverrides[0].Name = aws.String("nobody")
		},
		"InvalidParameterException: Container Overrides length must be at most 8192":                                             func(in *sdk.RunTaskInput) { in.Overrides = environment(8193) },
		"InvalidParameterException: No Fargate configuration exists for given values: 256 CPU, 1536 memory.":                     func(in *sdk.RunTaskInput) { in.Overrides = &types.TaskOverride{Memory: aws.String("1536")} },
		"InvalidParameterException: Invalid 'cpu' setting for task.":                                                             func(in *sdk.RunTaskInput) { in.Overrides = &types.TaskOverride{Cpu: aws.String("much")} },
		"InvalidParameterException: A tag's key must have 1 to 128 characters.":                                                  func(in *sdk.RunTaskInput) { in.Tags = []types.Tag{{Key: aws.String(""), Value: aws.String("v")}} },
		"InvalidParameterException: Tag keys must not begin with 'aws:', as 'aws:x' does.":                                       func(in *sdk.RunTaskInput) { in.Tags = []types.Tag{{Key: aws.String("aws:x"), Value: aws.String("v")}} },
		"InvalidParameterException: Specifying both a launch type and capacity provider strategy is not supported. Remove one a": func(in *sdk.RunTaskInput) { in.CapacityProviderStrategy = strategy("FARGATE") },
		"InvalidParameterException: The specified capacity provider 'MOON' was not found.": func(in *sdk.RunTaskInput) {
			in.LaunchType, in.CapacityProviderStrategy = "", strategy("MOON")
		},
	} {
		in := request()
		spoil(in)
		_, err := w.RunTask(t.Context(), in)
		refused(t, err, want)
	}
	for _, status := range []types.DesiredStatus{types.DesiredStatusRunning, types.DesiredStatusStopped} {
		out, err := w.ListTasks(t.Context(), &sdk.ListTasksInput{DesiredStatus: status})
		if err != nil || len(out.TaskArns) != 0 {
			t.Errorf("%s tasks are %v, error %v", status, out.TaskArns, err)
		}
	}
}

func strategy(provider string) []types.CapacityProviderStrategyItem {
	return []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String(provider), Weight: 1}}
}

func TestStrategyNeedsProvidersOfTheCluster(t *testing.T) {
	w := newWorld(t, setup{})
	if _, err := w.CreateCluster(t.Context(), &sdk.CreateClusterInput{}); err != nil {
		t.Fatal(err)
	}
	w.register(definition("exit 0"))
	in := request()
	in.LaunchType, in.CapacityProviderStrategy = "", strategy("FARGATE_SPOT")
	_, err := w.RunTask(t.Context(), in)
	refused(t, err, "InvalidParameterException: The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster.")
}

func TestOverridesMayHave8192Characters(t *testing.T) {
	w := newWorld(t, setup{})
	w.cluster()
	w.register(definition(`echo ${#X}`))
	around := len(`{"containerOverrides":[{"name":"main","environment":[{"name":"X","value":""}]}]}`)
	in := request()
	in.Overrides = environment(8192 - around + 1)
	_, err := w.RunTask(t.Context(), in)
	refused(t, err, "InvalidParameterException: Container Overrides length must be at most 8192")
	in.Overrides = environment(8192 - around)
	arn := w.run(in)
	w.end(arn)
	if got := w.logs.text(arn); got != fmt.Sprint(8192-around) {
		t.Errorf("the task saw %s characters", got)
	}
}

func TestRegisterTaskDefinitionRefusals(t *testing.T) {
	w := newWorld(t, setup{})
	main := func(in *sdk.RegisterTaskDefinitionInput) *types.ContainerDefinition {
		return &in.ContainerDefinitions[0]
	}
	for want, spoil := range map[string]func(*sdk.RegisterTaskDefinitionInput){
		"ClientException: Family contains invalid characters.":                                                        func(in *sdk.RegisterTaskDefinitionInput) { in.Family = aws.String("a b") },
		"ClientException: Container list cannot be empty.":                                                            func(in *sdk.RegisterTaskDefinitionInput) { in.ContainerDefinitions = []types.ContainerDefinition{} },
		"ClientException: Container.name should not be null or empty.":                                                func(in *sdk.RegisterTaskDefinitionInput) { main(in).Name = nil },
		"ClientException: Container.image should not be null or empty.":                                               func(in *sdk.RegisterTaskDefinitionInput) { main(in).Image = nil },
		"ClientException: No Fargate configuration exists for given values: 256 CPU, 4096 memory.":                    func(in *sdk.RegisterTaskDefinitionInput) { in.Memory = aws.String("4096") },
		"ClientException: Fargate requires that 'cpu' be defined at the task level.":                                  func(in *sdk.RegisterTaskDefinitionInput) { in.Cpu = nil },
		"ClientException: Invalid setting for container 'main'. At least one of":                                      func(in *sdk.RegisterTaskDefinitionInput) { in.Memory = nil },
		"ClientException: Fargate only supports network mode ‘awsvpc’.":                                               func(in *sdk.RegisterTaskDefinitionInput) { in.NetworkMode = types.NetworkModeBridge },
		"ClientException: Fargate requires task definition to have execution role ARN to support log driver awslogs.": func(in *sdk.RegisterTaskDefinitionInput) { in.ExecutionRoleArn = nil },
		"ClientException: Log driver awslogs requires options: awslogs-group, awslogs-region":                         func(in *sdk.RegisterTaskDefinitionInput) { delete(main(in).LogConfiguration.Options, "awslogs-group") },
		"ClientException: Log driver awslogs requires option awslogs-stream-prefix on Fargate": func(in *sdk.RegisterTaskDefinitionInput) {
			delete(main(in).LogConfiguration.Options, "awslogs-stream-prefix")
		},
		"ClientException: Invalid 'stopTimeout' setting for container 'main'; it must be at most 120 seconds.":    func(in *sdk.RegisterTaskDefinitionInput) { main(in).StopTimeout = aws.Int32(121) },
		"ClientException: At least one container of the task definition must be essential.":                       func(in *sdk.RegisterTaskDefinitionInput) { main(in).Essential = aws.Bool(false) },
		"ClientException: Invalid setting for container 'main'. 'memory' (600) is greater than the task's (512).": func(in *sdk.RegisterTaskDefinitionInput) { main(in).Memory = aws.Int32(600) },
		"ClientException: Container name 'main' is used more than once in the task definition.": func(in *sdk.RegisterTaskDefinitionInput) {
			in.ContainerDefinitions = append(in.ContainerDefinitions, *main(in))
		},
		"ClientException: Ephemeral storage size must be between 21 and 200 GiB.": func(in *sdk.RegisterTaskDefinitionInput) {
			in.EphemeralStorage = &types.EphemeralStorage{SizeInGiB: 20}
		},
		"ClientException: Invalid requiresCompatibilities 'MOON'; it must be one of [EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES].": func(in *sdk.RegisterTaskDefinitionInput) { in.RequiresCompatibilities = []types.Compatibility{"MOON"} },
		"ClientException: Environment variable name must not be empty in container 'main'.": func(in *sdk.RegisterTaskDefinitionInput) {
			main(in).Environment = []types.KeyValuePair{variable("", "v")}
		},
		"ClientException: Fargate does not support log driver 'syslog' of container 'main'; it supports awslogs, splunk and awsfire": func(in *sdk.RegisterTaskDefinitionInput) { main(in).LogConfiguration.LogDriver = types.LogDriverSyslog },
	} {
		in := definition("exit 0")
		spoil(in)
		_, err := w.RegisterTaskDefinition(t.Context(), in)
		refused(t, err, want)
	}
	out, err := w.ListTaskDefinitions(t.Context(), &sdk.ListTaskDefinitionsInput{})
	if err != nil || len(out.TaskDefinitionArns) != 0 {
		t.Errorf("kept %v, error %v", out.TaskDefinitionArns, err)
	}
}

func TestFargateSizes(t *testing.T) {
	for _, c := range []struct {
		cpu, memory string
		ok          bool
	}{
		{"256", "512", true},
		{"256", "1024", true},
		{"256", "1536", false},
		{".25 vCPU", "2GB", true},
		{"512", "512", false},
		{"512", "4096", true},
		{"1024", "8192", true},
		{"1024", "9216", false},
		{"2048", "16384", true},
		{"4096", "30720", true},
		{"8192", "16384", true},
		{"8192", "17408", false},
		{"16384", "122880", true},
		{"16384", "122881", false},
		{"300", "512", false},
	} {
		w := newWorld(t, setup{})
		in := definition("exit 0")
		in.Cpu, in.Memory = &c.cpu, &c.memory
		if _, err := w.RegisterTaskDefinition(t.Context(), in); (err == nil) != c.ok {
			t.Errorf("%s CPU with %s memory: %v", c.cpu, c.memory, err)
		}
		w.close()
	}
}

func TestRevisions(t *testing.T) {
	w := newWorld(t, setup{})
	w.cluster()
	describe := func(name string) (string, error) {
		out, err := w.DescribeTaskDefinition(t.Context(), &sdk.DescribeTaskDefinitionInput{TaskDefinition: &name})
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%d %s", out.TaskDefinition.Revision, out.TaskDefinition.Status), nil
	}
	for range 3 {
		w.register(definition("exit 0"))
	}
	if _, err := w.DeregisterTaskDefinition(t.Context(), &sdk.DeregisterTaskDefinitionInput{TaskDefinition: aws.String("job:3")}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"job": "2 ACTIVE", "job:1": "1 ACTIVE", "job:3": "3 INACTIVE",
		"arn:aws:ecs:us-east-1:123456789012:task-definition/job:2": "2 ACTIVE",
	} {
		if got, err := describe(name); err != nil || got != want {
			t.Errorf("%s is %s, %v; want %s", name, got, err, want)
		}
	}
	for _, name := range []string{"other", "job:4", "job:x", "job:0"} {
		_, err := describe(name)
		refused(t, err, "ClientException: Unable to describe task definition.")
	}
	in := request()
	in.TaskDefinition = aws.String("job:3")
	_, err := w.RunTask(t.Context(), in)
	refused(t, err, "ClientException: TaskDefinition is inactive")
	_, err = w.DeregisterTaskDefinition(t.Context(), &sdk.DeregisterTaskDefinitionInput{TaskDefinition: aws.String("job")})
	refused(t, err, "ClientException: Invalid revision")
	var listed []string
	pages := sdk.NewListTaskDefinitionsPaginator(w.Client, &sdk.ListTaskDefinitionsInput{
		FamilyPrefix: aws.String("job"), Sort: types.SortOrderDesc, MaxResults: aws.Int32(1),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, arn := range page.TaskDefinitionArns {
			listed = append(listed, arn[strings.LastIndex(arn, "/")+1:])
		}
	}
	if !slices.Equal(listed, []string{"job:2", "job:1"}) {
		t.Errorf("listed %v", listed)
	}
	families, err := w.ListTaskDefinitionFamilies(t.Context(), &sdk.ListTaskDefinitionFamiliesInput{Status: types.TaskDefinitionFamilyStatusActive})
	if err != nil || !slices.Equal(families.Families, []string{"job"}) {
		t.Errorf("families %v, %v", families.Families, err)
	}
	w.register(definition("exit 0"))
	if got, err := describe("job"); got != "4 ACTIVE" {
		t.Errorf("after a new registration: %s, %v", got, err)
	}
}

func TestClientTokenMakesRunTaskIdempotent(t *testing.T) {
	w := newWorld(t, setup{})
	w.cluster()
	w.register(definition("exit 0"))
	in := request()
	in.ClientToken = aws.String("once")
	first := w.run(in)
	if again := w.run(in); again != first {
		t.Errorf("the second call started %s after %s", again, first)
	}
	in.Group = aws.String("other")
	_, err := w.RunTask(t.Context(), in)
	refused(t, err, "ConflictException")
	w.end(first)
	if again := w.run(func() *sdk.RunTaskInput { in.Group = nil; return in }()); again != first {
		t.Errorf("after the end the call started %s", again)
	}
}

func TestListTasksFiltersAndPages(t *testing.T) {
	w := newWorld(t, setup{})
	w.cluster()
	w.register(definition("exec sleep 600"))
	var all []string
	for i := range 5 {
		in := request()
		in.StartedBy = aws.String([]string{"night", "day"}[i%2])
		all = append(all, w.run(in))
	}
	slices.Reverse(all)
	var paged []string
	pages := sdk.NewListTasksPaginator(w.Client, &sdk.ListTasksInput{MaxResults: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		paged = append(paged, page.TaskArns...)
	}
	if !slices.Equal(paged, all) {
		t.Errorf("pages give %v, want %v", paged, all)
	}
	w.stop(all[0], "")
	w.end(all[0])
	for want, in := range map[int]*sdk.ListTasksInput{
		4: {},
		1: {DesiredStatus: types.DesiredStatusStopped},
		0: {Family: aws.String("other")},
		2: {StartedBy: aws.String("day")},
	} {
		out, err := w.ListTasks(t.Context(), in)
		if err != nil || len(out.TaskArns) != want {
			t.Errorf("%+v gives %d tasks, %v; want %d", in, len(out.TaskArns), err, want)
		}
	}
	_, err := w.ListTasks(t.Context(), &sdk.ListTasksInput{MaxResults: aws.Int32(101)})
	refused(t, err, "InvalidParameterException: maxResults must be between 1 and 100")
	_, err = w.ListTasks(t.Context(), &sdk.ListTasksInput{NextToken: aws.String("!")})
	refused(t, err, "InvalidParameterException: Invalid token")
}

func TestDescribeTasksTellsWhatIsMissing(t *testing.T) {
	w := newWorld(t, setup{})
	arn := w.job("exit 0")
	missing := strings.Repeat("0", 32)
	out, err := w.DescribeTasks(t.Context(), &sdk.DescribeTasksInput{Tasks: []string{missing, arn}})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Tasks) != 1 || len(out.Failures) != 1 || *out.Failures[0].Reason != "MISSING" || !strings.HasSuffix(*out.Failures[0].Arn, ":task/default/"+missing) {
		t.Errorf("tasks %d, failures %+v", len(out.Tasks), out.Failures)
	}
	for want, tasks := range map[string][]string{
		"InvalidParameterException: Tasks cannot be empty.":                          {},
		"InvalidParameterException: taskId length should be one of [32,36]":          {"short"},
		"InvalidParameterException: Invalid identifier: Identifier is for cluster x": {"arn:aws:ecs:us-east-1:123456789012:task/x/" + missing},
		"InvalidParameterException: Tasks cannot have more than 100 elements.":       slices.Repeat([]string{missing}, 101),
	} {
		_, err := w.DescribeTasks(t.Context(), &sdk.DescribeTasksInput{Tasks: tasks})
		refused(t, err, want)
	}
	_, err = w.StopTask(t.Context(), &sdk.StopTaskInput{Task: &missing})
	refused(t, err, "InvalidParameterException: The referenced task was not found.")
}

func TestClusters(t *testing.T) {
	w := newWorld(t, setup{})
	arn := w.job("exec sleep 600")
	eventually(t, "the task runs", func() bool { return *w.task(arn).LastStatus == "RUNNING" })
	out, err := w.DescribeClusters(t.Context(), &sdk.DescribeClustersInput{Clusters: []string{"default", "other"}})
	if err != nil || len(out.Clusters) != 1 || out.Clusters[0].RunningTasksCount != 1 || *out.Failures[0].Reason != "MISSING" {
		t.Fatalf("clusters %+v, failures %+v, %v", out.Clusters, out.Failures, err)
	}
	_, err = w.DeleteCluster(t.Context(), &sdk.DeleteClusterInput{Cluster: aws.String("default")})
	refused(t, err, "ClusterContainsTasksException")
	w.stop(arn, "")
	w.end(arn)
	if _, err := w.DeleteCluster(t.Context(), &sdk.DeleteClusterInput{Cluster: aws.String("default")}); err != nil {
		t.Fatal(err)
	}
	_, err = w.RunTask(t.Context(), request())
	refused(t, err, "ClusterNotFoundException: The referenced cluster was inactive.")
	if listed, err := w.ListClusters(t.Context(), &sdk.ListClustersInput{}); err != nil || len(listed.ClusterArns) != 0 {
		t.Errorf("listed %v, %v", listed.ClusterArns, err)
	}
	_, err = w.CreateCluster(t.Context(), &sdk.CreateClusterInput{ClusterName: aws.String("a b")})
	refused(t, err, "InvalidParameterException: Cluster name must be")
}

func TestTags(t *testing.T) {
	w := newWorld(t, setup{})
	w.cluster()
	in := definition("exit 0")
	in.Tags = []types.Tag{{Key: aws.String("team"), Value: aws.String("data")}, {Key: aws.String("tier"), Value: aws.String("1")}}
	w.register(in)
	run := request()
	run.PropagateTags = types.PropagateTagsTaskDefinition
	run.Tags = []types.Tag{{Key: aws.String("tier"), Value: aws.String("2")}}
	arn := w.run(run)
	if _, err := w.TagResource(t.Context(), &sdk.TagResourceInput{ResourceArn: &arn, Tags: []types.Tag{{Key: aws.String("late"), Value: aws.String("yes")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.UntagResource(t.Context(), &sdk.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"team"}}); err != nil {
		t.Fatal(err)
	}
	out, err := w.DescribeTasks(t.Context(), &sdk.DescribeTasksInput{Tasks: []string{arn}, Include: []types.TaskField{types.TaskFieldTags}})
	if err != nil {
		t.Fatal(err)
	}
	listed, err := w.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceArn: &arn})
	if err != nil {
		t.Fatal(err)
	}
	for _, tags := range [][]types.Tag{out.Tasks[0].Tags, listed.Tags} {
		var texts []string
		for _, tag := range tags {
			texts = append(texts, *tag.Key+"="+*tag.Value)
		}
		if got := strings.Join(texts, " "); got != "late=yes tier=2" {
			t.Errorf("tags are %s", got)
		}
	}
	if plain := w.task(arn); len(plain.Tags) != 0 {
		t.Errorf("tags are told unasked: %v", plain.Tags)
	}
	_, err = w.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceArn: aws.String("arn:aws:ecs:us-east-1:123456789012:cluster/none")})
	refused(t, err, "ResourceNotFoundException")
}

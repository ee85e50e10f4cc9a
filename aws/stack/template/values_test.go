package template_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func good() map[string]string {
	return map[string]string{"VpcId": "vpc-00000000000000001", "SubnetIds": "subnet-00000000000000001, subnet-00000000000000002"}
}

func TestGoodValuesPass(t *testing.T) {
	stack := shipped(t)
	for name, values := range map[string][]string{
		"ProjectName":           {"dumps", "a"},
		"RepositoryName":        {"", "dumps", "team/dumps-1"},
		"ImageUri":              {"", "123456789012.dkr.ecr.us-east-1.amazonaws.com/dumps@sha256:" + strings.Repeat("0a", 32)},
		"SubnetIds":             {"subnet-0123abcd", "subnet-0123abcd,subnet-00000000000000002,subnet-00000000000000003"},
		"AssignPublicIp":        {"ENABLED"},
		"DatabaseHost":          {"", "db.internal", "10.0.0.1", "a"},
		"DatabaseUserParameter": {"", "/prod/db.user_1/x-y"},
		"SecretsKeyArn":         {"", "arn:aws-cn:kms:cn-north-1:123456789012:key/1234abcd-12ab", "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-1"},
		"TaskMemory":            {"512", "30720"},
		"TimeoutSeconds":        {"2", "31536000"},
		"LogRetentionDays":      {"1", "3653"},
		"ScheduleExpression":    {"", "cron(0 3 * * ? *)", "rate(1 day)", "at(2030-01-01T00:00:00)"},
		"ScheduleTimezone":      {"Europe/Rome", "Etc/GMT+1"},
		"ScheduleInput":         {"{}", "{\"args\":[\n\"drill\"]}"},
		"AlarmTopicArn":         {"", "arn:aws:sns:eu-west-1:123456789012:ops"},
		"FreshnessHours":        {"0", "26", "168"},
	} {
		for _, value := range values {
			all := good()
			all[name] = value
			for _, problem := range stack.Check(all) {
				t.Errorf("%s = %q: %v", name, value, problem)
			}
		}
	}
}

func TestBadValuesAreRefusedWithWhatIsAllowed(t *testing.T) {
	stack := shipped(t)
	digest := strings.Repeat("0a", 32)
	for _, c := range []struct{ name, value, want string }{
		{"ProjectName", "Dumps", "lower-case"},
		{"ImageUri", "dumps:latest", "by digest"},
		{"ImageUri", "dumps:1@sha256:" + digest[1:], "64 hexadecimal"},
		{"VpcId", "main", "AWS::EC2::VPC::Id"},
		{"SubnetIds", "subnet-0123abcd,", `"" is not allowed`},
		{"SubnetIds", "vpc-0123abcd", "List<AWS::EC2::Subnet::Id>"},
		{"AssignPublicIp", "yes", "give one of DISABLED, ENABLED"},
		{"CpuArchitecture", "arm64", "give one of X86_64, ARM64"},
		{"DatabaseHost", "db:3306", "without a port"},
		{"DatabasePasswordParameter", "db/password", "with / in front"},
		{"SecretsKeyArn", "alias/aws/ssm", "the ARN of a KMS key"},
		{"TaskCpu", "1000", "256, 512, 1024"},
		{"TaskMemory", "100", "from 512 to 122880"},
		{"TaskMemory", "much", "from 512 to 122880"},
		{"HeartbeatSeconds", "10", "from 60"},
		{"TimeoutSeconds", "1", "from 2 seconds"},
		{"LogRetentionDays", "31", "give one of 1, 3, 5"},
		{"ScheduleExpression", "daily", "cron(…)"},
		{"ScheduleInput", "[]", "a JSON object"},
		{"AlarmTopicArn", "ops", "SNS topic"},
		{"FreshnessHours", "169", "from 0 to 168"},
	} {
		values := good()
		values[c.name] = c.value
		problems := stack.Check(values)
		if len(problems) != 1 || problems[0].Name != c.name || problems[0].Line < 2 || !strings.Contains(problems[0].Text, c.want) {
			t.Errorf("%s = %q: %v, want one that says %q", c.name, c.value, problems, c.want)
		}
	}
}

func TestValuesThatAreMissingOrTooMuchAreNamed(t *testing.T) {
	got := []string{}
	for _, p := range shipped(t).Check(map[string]string{"VpcId": "vpc-0123abcd", "Vpc": "x"}) {
		got = append(got, p.Name)
	}
	if diff := cmp.Diff([]string{"Vpc", "SubnetIds"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestASecretValueIsNotRepeated(t *testing.T) {
	stack := parse(t, "Parameters:\n  Key: {Type: String, NoEcho: true, MinLength: 20}\n"+resources)
	problems := stack.Check(map[string]string{"Key": "sesame"})
	if len(problems) != 1 || strings.Contains(problems[0].String(), "sesame") || !strings.Contains(problems[0].Text, "at least 20") {
		t.Errorf("%v", problems)
	}
}

func TestEveryParameterOfTheStackIsExplained(t *testing.T) {
	for _, p := range shipped(t).Parameters() {
		if p.Description == "" || p.AllowedPattern != "" && p.ConstraintDescription == "" || p.MinValue != nil && p.ConstraintDescription == "" {
			t.Errorf("%s: it needs a description, and one of its constraint", p.Name)
		}
	}
}

package policy_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stepdeck/stepdeck/aws/policy"
)

func document(t testing.TB, text string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func parse(t testing.TB, statements string) policy.Policy {
	t.Helper()
	p, err := policy.Parse(document(t, `{"Version":"2012-10-17","Statement":`+statements+`}`))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const bucket = "arn:aws:s3:::dumps"

func TestStatementsDecide(t *testing.T) {
	const get = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::dumps/*"}`
	for _, c := range []struct {
		name, statements, action, resource string
		want                               policy.Decision
	}{
		{"said", get, "s3:GetObject", bucket + "/a/b", policy.Allowed},
		{"actions have no case", get, "S3:getobject", bucket + "/a", policy.Allowed},
		{"resources have", get, "s3:GetObject", "arn:aws:s3:::Dumps/a", policy.NotAllowed},
		{"another action", get, "s3:PutObject", bucket + "/a", policy.NotAllowed},
		{"the bucket itself", get, "s3:GetObject", bucket, policy.NotAllowed},
		{"a list of one", "[" + get + "]", "s3:GetObject", bucket + "/a", policy.Allowed},
		{"lists", `{"Effect":"Allow","Action":["a:B","s3:Get*"],"Resource":["x","` + bucket + `"]}`, "s3:GetObject", bucket, policy.Allowed},
		{"a question mark is one letter", `{"Effect":"Allow","Action":"s3:GetObjec?","Resource":"*"}`, "s3:GetObject", bucket, policy.Allowed},
		{"and not none", `{"Effect":"Allow","Action":"s3:GetObject?","Resource":"*"}`, "s3:GetObject", bucket, policy.NotAllowed},
		{"a denial wins", `[{"Effect":"Deny","Action":"s3:*","Resource":"*"},` + get + `]`, "s3:GetObject", bucket + "/a", policy.Denied},
		{"also after it", `[` + get + `,{"Effect":"Deny","Action":"s3:*","Resource":"*"}]`, "s3:GetObject", bucket + "/a", policy.Denied},
		{"a denial of something else", `[` + get + `,{"Effect":"Deny","Action":"s3:Put*","Resource":"*"}]`, "s3:GetObject", bucket + "/a", policy.Allowed},
		{"all but", `{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, "s3:GetObject", bucket, policy.Allowed},
		{"the but", `{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, "iam:PassRole", "*", policy.NotAllowed},
		{"all resources but", `{"Effect":"Allow","Action":"s3:*","NotResource":"` + bucket + `/*"}`, "s3:GetObject", "arn:aws:s3:::x/a", policy.Allowed},
		{"the resource but", `{"Effect":"Allow","Action":"s3:*","NotResource":"` + bucket + `/*"}`, "s3:GetObject", bucket + "/a", policy.NotAllowed},
		{"no resource in a trust policy", `{"Effect":"Allow","Action":"s3:*"}`, "s3:GetObject", bucket, policy.NotAllowed},
		{"no statement", `[]`, "s3:GetObject", bucket, policy.NotAllowed},
	} {
		if got := parse(t, c.statements).Allows(c.action, c.resource, nil); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestConditionsDecide(t *testing.T) {
	queue := policy.Context{
		"aws:SourceAccount": {"123456789012"}, "aws:SourceArn": {"arn:aws:events:eu-west-1:123456789012:rule/reap"},
		"aws:SecureTransport": {"true"}, "s3:max-keys": {"10"}, "aws:TagKeys": {"project", "owner"},
	}
	for _, c := range []struct {
		condition string
		holds     bool
	}{
		{`{"StringEquals":{"aws:SourceAccount":"123456789012"}}`, true},
		{`{"StringEquals":{"AWS:sourceaccount":["1","123456789012"]}}`, true},
		{`{"StringEquals":{"aws:SourceAccount":"210987654321"}}`, false},
		{`{"StringEquals":{"aws:PrincipalTag":"x"}}`, false},
		{`{"StringEqualsIfExists":{"aws:PrincipalTag":"x"}}`, true},
		{`{"StringEqualsIfExists":{"aws:SourceAccount":"x"}}`, false},
		{`{"StringNotEquals":{"aws:SourceAccount":"210987654321"}}`, true},
		{`{"StringNotEquals":{"aws:SourceAccount":["1","123456789012"]}}`, false},
		{`{"StringNotEquals":{"aws:PrincipalTag":"x"}}`, true},
		{`{"StringLike":{"aws:SourceAccount":"1234*"}}`, true},
		{`{"StringEquals":{"aws:SourceAccount":"1234*"}}`, false},
		{`{"StringNotLike":{"aws:SourceAccount":"1234*"}}`, false},
		{`{"StringEqualsIgnoreCase":{"aws:SecureTransport":"TRUE"}}`, true},
		{`{"ArnEquals":{"aws:SourceArn":"arn:aws:events:*:123456789012:rule/*"}}`, true},
		{`{"ArnLike":{"aws:SourceArn":"arn:aws:events:eu-west-1:123456789012:rule/rea?"}}`, true},
		{`{"ArnLike":{"aws:SourceArn":"arn:aws:*:rule/reap"}}`, false},
		{`{"ArnNotLike":{"aws:SourceArn":"arn:aws:events:*:*:rule/other"}}`, true},
		{`{"Bool":{"aws:SecureTransport":"true"}}`, true},
		{`{"Bool":{"aws:SecureTransport":false}}`, false},
		{`{"NumericLessThanEquals":{"s3:max-keys":10}}`, true},
		{`{"NumericLessThan":{"s3:max-keys":"10"}}`, false},
		{`{"NumericGreaterThan":{"s3:max-keys":"9"}}`, true},
		{`{"NumericEquals":{"aws:SourceArn":"9"}}`, false},
		{`{"Null":{"aws:PrincipalTag":"true"}}`, true},
		{`{"Null":{"aws:SourceArn":"true"}}`, false},
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":["project","owner","x"]}}`, true},
		{`{"ForAllValues:StringEquals":{"aws:TagKeys":["project"]}}`, false},
		{`{"ForAllValues:StringEquals":{"aws:PrincipalTag":["project"]}}`, true},
		{`{"ForAnyValue:StringEquals":{"aws:TagKeys":["owner"]}}`, true},
		{`{"ForAnyValue:StringEquals":{"aws:PrincipalTag":["owner"]}}`, false},
		{`{"StringEquals":{"aws:SourceAccount":"123456789012"},"Bool":{"aws:SecureTransport":"false"}}`, false},
		{`{"StringEquals":{"aws:SourceAccount":"123456789012","aws:TagKeys":"none"}}`, false},
	} {
		p := parse(t, `{"Effect":"Allow","Action":"*","Resource":"*","Condition":`+c.condition+`}`)
		if got := p.Allows("s3:GetObject", bucket, queue) == policy.Allowed; got != c.holds {
			t.Errorf("%s holds: %v, want %v", c.condition, got, c.holds)
		}
	}
}

func TestTrustNamesWhoMayTakeARole(t *testing.T) {
	tasks := policy.Principal{Kind: "Service", ID: "ecs-tasks.amazonaws.com"}
	for _, c := range []struct {
		statement string
		want      policy.Decision
	}{
		{`{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}`, policy.Allowed},
		{`{"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com","ecs-tasks.amazonaws.com"]},"Action":"sts:*"}`, policy.Allowed},
		{`{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}`, policy.Allowed},
		{`{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}`, policy.Allowed},
		{`{"Effect":"Allow","Principal":{"AWS":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}`, policy.NotAllowed},
		{`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`, policy.NotAllowed},
		{`{"Effect":"Allow","NotPrincipal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`, policy.Allowed},
		{`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}`, policy.Denied},
		{`{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:TagSession"}`, policy.NotAllowed},
	} {
		if got := parse(t, c.statement).Trusts(tasks, "sts:AssumeRole", nil); got != c.want {
			t.Errorf("%s: %v, want %v", c.statement, got, c.want)
		}
	}
}

func TestABadDocumentNamesStatementAndField(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:                               "an object with Version and Statement",
		`{"Version":"2012-10-17"}`:         "has no Statement",
		`{"Statement":["x"]}`:              "statement 1: it is string",
		`{"Statement":[{"Action":"a:B"}]}`: "statement 1: its Effect is <nil>",
		`{"Statement":{"Effect":"Allow"}}`: "statement 1: it needs Action or NotAction",
		`{"Statement":{"Effect":"Allow","Action":"a","NotAction":"b"}}`:                                "and not both",
		`{"Statement":{"Effect":"Allow","Action":{"a":1}}}`:                                            "statement 1: Action: it holds map",
		`{"Statement":{"Effect":"Allow","Action":"a","Principal":3}}`:                                  "Principal: it is float64",
		`{"Statement":{"Effect":"Allow","Action":"a","Condition":{"StringMatches":{"k":"v"}}}}`:        "the operator StringMatches is not known",
		`{"Statement":{"Effect":"Allow","Action":"a","Condition":{"StringEquals":"v"}}}`:               "StringEquals is string, not an object",
		`{"Statement":[{"Effect":"Allow","Action":"a"},{"Effect":"Deny","Action":"a","Condition":1}]}`: "statement 2: Condition is float64",
	} {
		if _, err := policy.Parse(document(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestJoinedPoliciesSumUp(t *testing.T) {
	read := parse(t, `{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}`)
	stop := parse(t, `{"Effect":"Deny","Action":"s3:GetObject","Resource":"`+bucket+`/secret"}`)
	both := policy.Join(read, stop)
	if got := both.Allows("s3:GetObject", bucket+"/secret", nil); got != policy.Denied {
		t.Errorf("the secret is %v", got)
	}
	if got := both.Allows("s3:GetObject", bucket+"/x", nil); got != policy.Allowed {
		t.Errorf("the rest is %v", got)
	}
}

// A pattern is what the regular expression of it is.
func TestMatchIsTheRegularExpression(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		pattern := rapid.StringMatching(`[ab*?:.]{0,12}`).Draw(r, "pattern")
		text := rapid.StringMatching(`[ab:.]{0,12}`).Draw(r, "text")
		expression := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
		want := regexp.MustCompile("^(?:" + expression + ")$").MatchString(text)
		if got := policy.Match(pattern, text); got != want {
			r.Fatalf("%q on %q is %v, want %v", pattern, text, got, want)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(`{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":["*"],"Principal":{"AWS":"*"},"Condition":{"Bool":{"k":true}}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		var value any
		if json.Unmarshal([]byte(text), &value) != nil {
			return
		}
		p, err := policy.Parse(value)
		if err != nil {
			return
		}
		p.Allows("s3:GetObject", bucket, policy.Context{"k": {"true"}})
		p.Trusts(policy.Principal{Kind: "AWS", ID: "*"}, "sts:AssumeRole", nil)
	})
}

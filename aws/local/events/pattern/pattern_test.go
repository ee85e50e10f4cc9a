package pattern_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stepdeck/stepdeck/aws/local/events/pattern"
)

// stopped is an event of a task that stopped with a token.
const stopped = `{"source":"aws.ecs","detail-type":"ECS Task State Change","detail":{
	"clusterArn":"arn:aws:ecs:us-east-1:123456789012:cluster/dumps","lastStatus":"STOPPED","attempt":3,"ratio":3.0,"spot":true,"reason":null,
	"empty":[],"containers":[{"name":"job","exitCode":1},{"name":"side","exitCode":0}],
	"overrides":{"containerOverrides":[
		{"name":"side","environment":[{"name":"A","value":"1"}]},
		{"name":"job","environment":[{"name":"TASK_TOKEN","value":"AAAA"},{"name":"B","value":"2"}]}]}}}`

func TestWhatMatches(t *testing.T) {
	tests := map[string]map[string]bool{
		"exact values": {
			`{"source":["aws.ecs"]}`:                              true,
			`{"source":["aws.ec2","aws.ecs"]}`:                    true,
			`{"source":["aws.ec2"]}`:                              false,
			`{"detail":{"attempt":[3]}}`:                          true,
			`{"detail":{"attempt":["3"]}}`:                        false,
			`{"detail":{"ratio":[3]}}`:                            false,
			`{"detail":{"spot":[true]}}`:                          true,
			`{"detail":{"reason":[null]}}`:                        true,
			`{"detail":{"reason":[""]}}`:                          false,
			`{"source":["aws.ecs"],"detail":{"attempt":[4]}}`:     false,
			`{"detail":["STOPPED"]}`:                              false,
			`{"source":{"deep":["aws.ecs"]}}`:                     false,
			`{"missing":["x"]}`:                                   false,
			`{"detail":{"containers":{"exitCode":[1]}}}`:          true,
			`{"detail":{"lastStatus":["stopped"]}}`:               false,
			`{"detail":{"lastStatus":["STOPPED","x"],"x":["y"]}}`: false,
			`{"detail":{"empty":["x"]}}`:                          false,
			`{"detail":{"containers":{"name":["job","no"]}}}`:     true,
		},
		"texts": {
			`{"source":[{"prefix":"aws."}]}`:                                      true,
			`{"source":[{"prefix":"AWS."}]}`:                                      false,
			`{"source":[{"prefix":{"equals-ignore-case":"AWS."}}]}`:               true,
			`{"source":[{"suffix":".ecs"}]}`:                                      true,
			`{"source":[{"suffix":".ec2"}]}`:                                      false,
			`{"source":[{"suffix":{"equals-ignore-case":".ECS"}}]}`:               true,
			`{"source":[{"equals-ignore-case":"AWS.ecs"}]}`:                       true,
			`{"source":[{"equals-ignore-case":"AWS"}]}`:                           false,
			`{"source":[{"wildcard":"a*.e*s"}]}`:                                  true,
			`{"source":[{"wildcard":"aws*aws.ecs"}]}`:                             false,
			`{"source":[{"wildcard":"*"}]}`:                                       true,
			`{"source":[{"wildcard":"aws\\*ecs"}]}`:                               false,
			`{"detail":{"attempt":[{"prefix":"3"}]}}`:                             false,
			`{"detail":{"containers":{"name":[{"prefix":"si"}],"exitCode":[0]}}}`: true,
		},
		"anything but": {
			`{"source":[{"anything-but":"aws.ec2"}]}`:                        true,
			`{"source":[{"anything-but":["aws.ec2","aws.ecs"]}]}`:            false,
			`{"detail":{"attempt":[{"anything-but":[1,2]}]}}`:                true,
			`{"detail":{"attempt":[{"anything-but":3}]}}`:                    false,
			`{"source":[{"anything-but":{"prefix":"aws."}}]}`:                false,
			`{"source":[{"anything-but":{"prefix":["gcp.","az."]}}]}`:        true,
			`{"source":[{"anything-but":{"suffix":"ec2"}}]}`:                 true,
			`{"source":[{"anything-but":{"wildcard":"*s.e*"}}]}`:             false,
			`{"source":[{"anything-but":{"equals-ignore-case":"AWS.ECS"}}]}`: false,
			`{"detail":{"containers":{"name":[{"anything-but":"job"}]}}}`:    true,
			`{"missing":[{"anything-but":"x"}]}`:                             false,
		},
		"existence": {
			`{"source":[{"exists":true}]}`:                 true,
			`{"missing":[{"exists":true}]}`:                false,
			`{"missing":[{"exists":false}]}`:               true,
			`{"source":[{"exists":false}]}`:                false,
			`{"detail":{"reason":[{"exists":true}]}}`:      true,
			`{"detail":{"empty":[{"exists":true}]}}`:       false,
			`{"detail":{"empty":[{"exists":false}]}}`:      true,
			`{"detail":{"overrides":[{"exists":true}]}}`:   false,
			`{"no":{"such":{"thing":[{"exists":false}]}}}`: true,
			`{"source":["aws.ec2",{"exists":false}]}`:      false,
			`{"detail":{"overrides":{"containerOverrides":{"environment":{"secret":[{"exists":false}]}}}}}`: true,
			`{"detail":{"overrides":{"containerOverrides":{"environment":{"value":[{"exists":false}]}}}}}`:  false,
			`{"detail":{"containers":{"name":["job"],"reason":[{"exists":false}]}}}`:                        true,
		},
		"numbers": {
			`{"detail":{"attempt":[{"numeric":["=",3.0]}]}}`:               true,
			`{"detail":{"attempt":[{"numeric":[">",3]}]}}`:                 false,
			`{"detail":{"attempt":[{"numeric":[">=",3]}]}}`:                true,
			`{"detail":{"attempt":[{"numeric":[">",2,"<=",3]}]}}`:          true,
			`{"detail":{"attempt":[{"numeric":[">",3,"<",9]}]}}`:           false,
			`{"detail":{"lastStatus":[{"numeric":["<",9]}]}}`:              false,
			`{"detail":{"containers":{"exitCode":[{"numeric":["<",0]}]}}}`: false,
			`{"detail":{"attempt":[{"numeric":["<=",2]}]}}`:                false,
			`{"detail":{"attempt":[{"numeric":["<",4]}]}}`:                 true,
		},
		"arrays of objects": {
			`{"detail":{"overrides":{"containerOverrides":{"environment":{"name":["TASK_TOKEN"]}}}}}`:                  true,
			`{"detail":{"overrides":{"containerOverrides":{"environment":{"name":["TASK_TOKEN"],"value":["AAAA"]}}}}}`: true,
			`{"detail":{"overrides":{"containerOverrides":{"environment":{"name":["TASK_TOKEN"],"value":["2"]}}}}}`:    false,
			`{"detail":{"overrides":{"containerOverrides":{"name":["side"],"environment":{"name":["TASK_TOKEN"]}}}}}`:  false,
			`{"detail":{"containers":{"name":["job"],"exitCode":[0]}}}`:                                                false,
		},
	}
	for group, patterns := range tests {
		t.Run(group, func(t *testing.T) {
			for text, want := range patterns {
				p, err := pattern.Parse(text)
				if err != nil {
					t.Fatalf("%s: %v", text, err)
				}
				if got, err := p.Match([]byte(stopped)); err != nil || got != want {
					t.Errorf("%s: %t, %v; want %t", text, got, err, want)
				}
			}
		})
	}
}

func TestWhatIsNoPattern(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:                                  "Filter is not an object",
		`{}`:                                  "Empty objects are not allowed",
		`{"a":{}}`:                            "Empty objects are not allowed",
		`{"a":[]}`:                            "Empty arrays are not allowed",
		`{"a":"x"}`:                           `"a" must be an object or an array`,
		`{"a":[["x"]]}`:                       "Match value must be String, number, true, false, or null",
		`{"a":[{"near":"x"}]}`:                "Unrecognized match type near",
		`{"a":[{"prefix":1}]}`:                "prefix match pattern must be a string",
		`{"a":[{"exists":1}]}`:                "exists match pattern must be either true or false.",
		`{"a":[{"prefix":"x","suffix":"y"}]}`: "Only one key allowed in match expression",
		`{"a":[{"wildcard":"x**y"}]}`:         "Consecutive wildcard characters at pos 1",
		`{"a":[{"wildcard":"x\\y"}]}`:         "Invalid escape character at pos 1",
		`{"a":[{"numeric":[">"]}]}`:           "Value of numeric must be an array of an operator and a number, or two of each",
		`{"a":[{"numeric":["~",1]}]}`:         "Unrecognized numeric range operator: ~",
		`{"a":[{"numeric":[">","1"]}]}`:       "Value of > must be numeric",
		`{"a":[{"numeric":["<",1,">",0]}]}`:   "Bad numeric range operator: >",
		`{"a":[{"numeric":[">",2,"<",1]}]}`:   "Bottom must be less than top",
		`{"a":[{"anything-but":[]}]}`:         "Empty arrays are not allowed",
		`{"a":[{"anything-but":true}]}`:       "Inside anything but list, start|null|boolean is not supported.",
		`{"a":["x"]} {`:                       "something follows the JSON value",
	} {
		_, err := pattern.Parse(text)
		var known pattern.Invalid
		if !errors.As(err, &known) || string(known) != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add(`{"source":["aws.ecs",{"prefix":"x"}]}`, stopped)
	f.Add(`{"a":{"b":[{"wildcard":"*a*\\*"},{"exists":false}]}}`, `{"a":[{"b":"x"},[1]]}`)
	f.Add(`{"a":[{"anything-but":{"suffix":["x"]}},{"numeric":[">",1,"<",2]}]}`, `{"a":1.5}`)
	f.Fuzz(func(t *testing.T, text, event string) {
		p, err := pattern.Parse(text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "Event pattern is not valid. Reason: ") {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		first, err := p.Match([]byte(event))
		if (err == nil) != json.Valid([]byte(event)) {
			t.Errorf("%q: %v", event, err)
		}
		if again, _ := p.Match([]byte("[" + event + "]")); err == nil && again != first && !strings.Contains(text, "exists") {
			t.Errorf("%q matches %q: %t, in a list %t", text, event, first, again)
		}
	})
}

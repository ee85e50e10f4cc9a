package wire_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/google/go-cmp/cmp"

	"github.com/stepdeck/stepdeck/aws/local/wire"
)

type echo struct {
	Text  string `json:"text"`
	Count int    `json:"count"`
}

type listInput struct {
	ID     []string `json:"Id"`
	Filter []struct {
		Name  string
		Value []string
	}
	Dry bool `json:",string"`
}

type listOutput struct {
	Items []string `xml:"itemSet>item"`
	Dry   bool     `xml:"dry"`
}

// serve is a router with one service of each kind.
func serve(t *testing.T, before func(context.Context, wire.Call) error) (*wire.Router, string) {
	t.Helper()
	router := &wire.Router{
		Region: "us-east-1", Before: before, Log: slog.New(slog.DiscardHandler),
		Objects: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { _, _ = io.WriteString(w, "objects "+req.URL.Path) }),
		Admin:   http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { _, _ = io.WriteString(w, "admin "+req.URL.Path) }),
	}
	router.Register(wire.Service{
		Name: "echo", Target: "Echo_1", JSON: "1.1", ErrorSpace: "com.example",
		Operations: map[string]wire.Handler{
			"Echo": wire.Op(func(_ context.Context, in *echo) (*echo, error) { return in, nil }),
			"Who": wire.Op(func(ctx context.Context, _ *echo) (*wire.Call, error) {
				call := wire.CallFrom(ctx)
				call.RequestID = ""
				return &call, nil
			}),
			"Refuse": wire.Op(func(context.Context, *echo) (*echo, error) {
				return nil, &wire.Error{Code: "Refused", Message: "not now", Fields: map[string]any{"reason": "late"}}
			}),
			"Break": wire.Op(func(context.Context, *echo) (*echo, error) { return nil, errors.New("broken") }),
		},
		Streams: map[string]wire.StreamHandler{
			"Count": func(_ context.Context, _ []byte, s *wire.Stream) error {
				for i := range 2 {
					if err := s.Send("count", echo{Count: i}); err != nil {
						return err
					}
				}
				return wire.Errorf("Done", "no more")
			},
			"RefuseStream": func(context.Context, []byte, *wire.Stream) error { return wire.Errorf("Refused", "not now") },
		},
	})
	router.RegisterQuery(wire.QueryService{
		Name: "form", Version: "2020-01-01", Namespace: "https://example.com/doc/",
		Operations: map[string]func(context.Context, url.Values) (any, error){
			"Say": func(_ context.Context, form url.Values) (any, error) {
				return struct{ Said string }{form.Get("Text")}, nil
			},
			"Refuse": func(context.Context, url.Values) (any, error) { return nil, wire.Errorf("Refused", "not <now>") },
		},
	})
	router.RegisterQuery(wire.QueryService{
		Name: "flat", Version: "2020-02-02", Namespace: "https://example.com/flat/", EC2: true,
		Operations: wire.Forms(map[string]wire.Handler{
			"List": wire.Op(func(_ context.Context, in *listInput) (*listOutput, error) {
				return &listOutput{Items: append(in.ID, in.Filter[0].Value...), Dry: in.Dry}, nil
			}),
			"Refuse": func(context.Context, []byte) (any, error) { return nil, wire.Errorf("Refused", "not <now>") },
		}),
	})
	router.RegisterInside("flat", map[string]wire.Handler{
		"Twice": wire.Op(func(_ context.Context, in *echo) (*echo, error) { return &echo{Count: 2 * in.Count}, nil }),
	})
	server := httptest.NewServer(router)
	t.Cleanup(server.Close)
	return router, server.URL
}

const signed = "AWS4-HMAC-SHA256 Credential=AKID/20261123/us-east-1/echo/aws4_request, SignedHeaders=host, Signature=x"

type reply struct {
	status int
	header http.Header
	body   string
}

func post(t *testing.T, target, body string, header map[string]string) reply {
	t.Helper()
	out, err := try(t, target, body, header)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func try(t *testing.T, target, body string, header map[string]string) (reply, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", signed)
	for name, value := range header {
		req.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	return reply{answer.StatusCode, answer.Header, string(text)}, err
}

func op(name string) map[string]string { return map[string]string{"X-Amz-Target": "Echo_1." + name} }

func TestJSONAnswers(t *testing.T) {
	_, server := serve(t, nil)
	tests := map[string]struct {
		header map[string]string
		body   string
		status int
		want   string
	}{
		"an answer":            {op("Echo"), `{"text":"a<b","count":1,"other":2}`, 200, `{"text":"a<b","count":1}`},
		"an empty request":     {op("Echo"), ``, 200, `{"text":"","count":0}`},
		"who calls":            {op("Who"), `{}`, 200, `{"Service":"echo","Operation":"Who","Region":"us-east-1","AccessKey":"AKID","RequestID":""}`},
		"an error":             {op("Refuse"), `{}`, 400, `{"__type":"com.example#Refused","message":"not now","reason":"late"}`},
		"an error inside":      {op("Break"), `{}`, 500, `{"__type":"com.example#InternalFailure","message":"local AWS failed: broken"}`},
		"a wrong type":         {op("Echo"), `{"count":"x"}`, 400, `{"__type":"com.example#SerializationException","message":"The member 'count' can not be a JSON string"}`},
		"no JSON":              {op("Echo"), `{`, 400, `{"__type":"com.example#SerializationException","message":"The request body is not a JSON object: unexpected end of JSON input"}`},
		"an unknown operation": {op("None"), `{}`, 400, `{"__type":"com.example#UnknownOperationException","message":"local AWS has no operation None of echo"}`},
		"an unknown service":   {map[string]string{"X-Amz-Target": "None.Echo"}, `{}`, 400, `{"__type":"UnknownOperationException","message":"local AWS has no service None"}`},
		"no signature": {
			map[string]string{"X-Amz-Target": "Echo_1.Echo", "Authorization": ""},
			`{}`, 403,
			`{"__type":"com.example#MissingAuthenticationTokenException","message":"Missing Authentication Token"}`,
		},
		"another region": {
			map[string]string{"X-Amz-Target": "Echo_1.Echo", "Authorization": strings.Replace(signed, "us-east-1", "eu-west-1", 1)},
			`{}`, 403,
			`{"__type":"com.example#InvalidSignatureException","message":"Credential should be scoped to a valid region, not 'eu-west-1'. "}`,
		},
		"a body too large": {op("Echo"), strings.Repeat(" ", 8<<20+1), 413, `{"__type":"com.example#RequestEntityTooLargeException","message":"The request body is too large"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := post(t, server, test.body, test.header)
			var have, want any
			if err := errors.Join(json.Unmarshal([]byte(got.body), &have), json.Unmarshal([]byte(test.want), &want)); err != nil {
				t.Fatalf("%v in %s", err, got.body)
			}
			if diff := cmp.Diff(want, have); diff != "" || got.status != test.status {
				t.Errorf("status %d, want %d: %s", got.status, test.status, diff)
			}
			if got.header.Get("Content-Type") != "application/x-amz-json-1.1" || got.header.Get("x-amzn-RequestId") == "" {
				t.Errorf("head: %v", got.header)
			}
		})
	}
}

func TestQueryAnswers(t *testing.T) {
	_, server := serve(t, nil)
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
	tests := map[string]struct {
		body   string
		status int
		want   string
	}{
		"an answer": {
			"Action=Say&Version=2020-01-01&Text=a%26b", 200,
			`<SayResponse xmlns="https://example.com/doc/"><SayResult><Said>a&amp;b</Said></SayResult><ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></SayResponse>`,
		},
		"an error": {
			"Action=Refuse&Version=2020-01-01", 400,
			`<ErrorResponse><Error><Type>Sender</Type><Code>Refused</Code><Message>not &lt;now&gt;</Message></Error><RequestId>ID</RequestId></ErrorResponse>`,
		},
		"an unknown action": {
			"Action=None&Version=2020-01-01", 400,
			`<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>The action None is not valid for this web service.</Message></Error><RequestId>ID</RequestId></ErrorResponse>`,
		},
		"another version": {
			"Action=Say&Version=1999-01-01", 400,
			`<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>The action Say is not valid for this web service.</Message></Error><RequestId>ID</RequestId></ErrorResponse>`,
		},
		"an answer of EC2": {
			"Action=List&Version=2020-02-02&Id.2=b&Id.1=a&Filter.1.Name=n&Filter.1.Value.member.1=c&Dry=true", 200,
			`<ListResponse xmlns="https://example.com/flat/"><requestId>ID</requestId><itemSet><item>a</item><item>b</item><item>c</item></itemSet><dry>true</dry></ListResponse>`,
		},
		"an error of EC2": {
			"Action=Refuse&Version=2020-02-02", 400,
			`<Response><Errors><Error><Code>Refused</Code><Message>not &lt;now&gt;</Message></Error></Errors><RequestID>ID</RequestID></Response>`,
		},
		"a field that is both": {
			"Action=List&Version=2020-02-02&Id=x&Id.1=y", 400,
			`<Response><Errors><Error><Code>MalformedQueryString</Code><Message>The field &#39;Id.1&#39; has a value and members</Message></Error></Errors><RequestID>ID</RequestID></Response>`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := post(t, server, test.body, form)
			text := strings.Replace(got.body, got.header.Get("x-amzn-RequestId"), "ID", 1)
			if diff := cmp.Diff(test.want, text); diff != "" || got.status != test.status {
				t.Errorf("status %d, want %d: %s", got.status, test.status, diff)
			}
		})
	}
}

func TestAStreamEndsWithItsException(t *testing.T) {
	_, server := serve(t, nil)
	got := post(t, server, `{}`, op("Count"))
	if got.header.Get("Content-Type") != "application/vnd.amazon.eventstream" {
		t.Errorf("content type %s", got.header.Get("Content-Type"))
	}
	var seen []string
	in := strings.NewReader(got.body)
	for in.Len() > 0 {
		message, err := eventstream.NewDecoder().Decode(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		line := message.Headers.Get(":message-type").String()
		for _, name := range []string{":event-type", ":exception-type"} {
			if value := message.Headers.Get(name); value != nil {
				line += " " + value.String()
			}
		}
		seen = append(seen, line+" "+string(message.Payload))
	}
	want := []string{
		"event initial-response {}", `event count {"text":"","count":0}`, `event count {"text":"","count":1}`, `exception Done {"message":"no more"}`,
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
}

func TestAStreamRefusedBeforeItsStartIsAPlainError(t *testing.T) {
	_, server := serve(t, nil)
	got := post(t, server, `{}`, op("RefuseStream"))
	if got.status != 400 || got.header.Get("x-amzn-ErrorType") != "Refused" {
		t.Errorf("status %d, %s", got.status, got.body)
	}
}

func TestBeforeStandsInForEveryKindOfCall(t *testing.T) {
	var mu sync.Mutex // a dropped call ends before its handler has
	var seen []string
	fault := error(wire.Errorf("Throttled", "slowly"))
	router, server := serve(t, func(_ context.Context, call wire.Call) error {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, call.Service+" "+call.Operation+" "+call.AccessKey)
		return fault
	})
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	for _, got := range []reply{
		post(t, server, `{}`, op("Echo")), post(t, server, `{}`, op("Count")), post(t, server, "Action=Say&Version=2020-01-01", form),
	} {
		if got.status != 400 || !strings.Contains(got.body, "Throttled") {
			t.Errorf("got %d: %s", got.status, got.body)
		}
	}
	_, err := router.Invoke(t.Context(), "echo", "Echo", nil)
	var known *wire.Error
	if !errors.As(err, &known) || known.Code != "Throttled" {
		t.Errorf("a call from inside gives %v", err)
	}
	if diff := cmp.Diff([]string{"echo Echo AKID", "echo Count AKID", "form Say AKID", "echo Echo "}, seen); diff != "" {
		t.Error(diff)
	}
	mu.Lock()
	fault = wire.ErrDrop
	mu.Unlock()
	for _, header := range []map[string]string{op("Echo"), op("Count"), form} {
		if got, err := try(t, server, "Action=Say&Version=2020-01-01", header); err == nil {
			t.Errorf("a dropped call gets %d: %s", got.status, got.body)
		}
	}
}

func TestInvokeCallsFromInside(t *testing.T) {
	router, _ := serve(t, nil)
	got, err := router.Invoke(t.Context(), "echo", "Echo", []byte(`{"text":"a&b"}`))
	if err != nil || string(got) != `{"text":"a&b","count":0}` {
		t.Errorf("got %s, %v", got, err)
	}
	for _, call := range [][2]string{{"none", "Echo"}, {"echo", "None"}, {"echo", "Refuse"}} {
		var known *wire.Error
		if _, err := router.Invoke(t.Context(), call[0], call[1], nil); !errors.As(err, &known) {
			t.Errorf("%s %s gives %v", call[0], call[1], err)
		}
	}
}

func TestOtherPathsGoToTheirHandlers(t *testing.T) {
	_, server := serve(t, nil)
	for path, want := range map[string]string{"/_local/faults": "admin /_local/faults", "/bucket/key": "objects /bucket/key"} {
		if got := post(t, server+path, "", nil); got.body != want {
			t.Errorf("%s goes to %s", path, got.body)
		}
	}
}

func TestWebPagesReachNothing(t *testing.T) {
	router, _ := serve(t, nil)
	for _, test := range []struct {
		host, origin string
		answered     bool
	}{
		{"127.0.0.1:4566", "", true},
		{"localhost:4566", "", true},
		{"LOCALHOST", "", true},
		{"[::1]:4566", "", true},
		{"bucket.localhost:4566", "", true},
		{"bucket.127.0.0.1:4566", "", true},
		{"evil.example:4566", "", false},
		{"localhost.evil.example", "", false},
		{"192.0.2.7:4566", "", false},
		{"127.0.0.1:4566", "https://evil.example", false},
		{"127.0.0.1:4566", "null", false},
	} {
		for _, path := range []string{"/", "/_local/faults", "/bucket/key"} {
			req := httptest.NewRequest(http.MethodPut, path, strings.NewReader("{}"))
			req.Host = test.host
			if path == "/" {
				req.Header.Set("X-Amz-Target", "Echo_1.Echo")
				req.Header.Set("Authorization", signed)
			}
			if test.origin != "" {
				req.Header.Set("Origin", test.origin)
			}
			got := httptest.NewRecorder()
			router.ServeHTTP(got, req)
			if answered := got.Code == http.StatusOK; answered != test.answered {
				t.Errorf("%s from %q on %s: status %d", test.host, test.origin, path, got.Code)
			}
		}
	}
}

func TestASignatureMayStandInTheURL(t *testing.T) {
	req := httptest.NewRequest(http.MethodGet, "/b/k?X-Amz-Credential=AKID%2F20261123%2Feu-west-1%2Fs3%2Faws4_request", nil)
	call := wire.CallOf(req, "GetObject")
	if call.AccessKey != "AKID" || call.Region != "eu-west-1" || call.Service != "s3" || call.Operation != "GetObject" {
		t.Errorf("got %+v", call)
	}
}

func TestASignatureOfVersion2InTheURLHasNoRegion(t *testing.T) {
	req := httptest.NewRequest(http.MethodGet, "/b/k?AWSAccessKeyId=AKID&Signature=x&Expires=1", nil)
	if call := wire.CallOf(req, "GetObject"); call.AccessKey != "AKID" || call.Region != "" {
		t.Errorf("got %+v", call)
	}
}

func TestSecondsKeepMilliseconds(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 345_000_000, time.UTC)
	text, err := json.Marshal(wire.SecondsOf(at))
	if err != nil || string(text) != "1795435200.345" {
		t.Fatalf("got %s, %v", text, err)
	}
	var back wire.Seconds
	if err := json.Unmarshal(text, &back); err != nil || !time.Time(back).Equal(at) {
		t.Errorf("came back as %s, %v", time.Time(back), err)
	}
	if wire.SecondsOf(time.Time{}) != nil {
		t.Error("no time is written")
	}
}

func TestWhatIsInsideIsReachedByInvokeAlone(t *testing.T) {
	router, server := serve(t, nil)
	answer, err := router.Invoke(t.Context(), "flat", "Twice", []byte(`{"count":2}`))
	if err != nil || string(answer) != `{"text":"","count":4}` {
		t.Errorf("inside: %s, %v", answer, err)
	}
	for _, target := range []string{"flat.Twice", ".Twice"} {
		if got := post(t, server, `{}`, map[string]string{"X-Amz-Target": target}); got.status != http.StatusBadRequest {
			t.Errorf("%s from outside: status %d", target, got.status)
		}
	}
}

func FuzzForm(f *testing.F) {
	f.Add("Id.1=a&Id.2=b&Filter.1.Name=n&Filter.1.Value.member.1=c&Dry=true")
	f.Add("Id.2=b&Id.10=c&Id.1=a")
	f.Add("Id=a&Id.1=b&Filter.x=1&.=&Filter.1.Value.1.1=x")
	list := wire.Forms(map[string]wire.Handler{
		"List": wire.Op(func(_ context.Context, in *listInput) (*listInput, error) { return in, nil }),
	})["List"]
	f.Fuzz(func(t *testing.T, query string) {
		form, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		out, err := list(t.Context(), form)
		known := new(wire.Error)
		if err != nil && !errors.As(err, &known) {
			t.Fatalf("%q: %v", query, err)
		}
		plain := len(form) == 1 && form.Has("Id.1") && utf8.ValidString(form.Get("Id.1"))
		if in, ok := out.(*listInput); ok && plain && (len(in.ID) != 1 || in.ID[0] != form.Get("Id.1")) {
			t.Errorf("%q: %q", query, in.ID)
		}
	})
}

package stacks

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/stepdeck/stepdeck/aws/local/stacks/evaluate"
	"github.com/stepdeck/stepdeck/aws/local/wire"
)

// AWS: the limits of a template, in bytes: in the request, and in S3.
const (
	longestBody   = 51_200
	longestObject = 1_000_000
)

// serverless is the only transform that local AWS has.
const serverless = "AWS::Serverless-2016-10-31"

// transformError is a template that its transform refuses. CreateChangeSet
// tells it in the change set, not at once.
type transformError struct{ reason string }

func (e *transformError) Error() string {
	return "Transform " + serverless + " failed with: " + e.reason
}

// formOf is a request with the template that its TemplateURL names. The caller
// does not hold the lock.
func (s *Service) formOf(ctx context.Context, values url.Values) (form, error) {
	f := form{Values: values}
	address := f.Get("TemplateURL")
	if address == "" {
		return f, nil
	}
	if f.Get("TemplateBody") != "" {
		return f, refuse("Template URL and Template Body can not be specified at the same time.")
	}
	var err error
	f.fetched, err = s.fetch(ctx, address)
	return f, err
}

// templateText is the template that a request brings.
func (f form) templateText(st *stack) (string, error) {
	body := f.Get("TemplateBody")
	switch {
	case len(body) > longestBody:
		return "", refuse("1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to %d", longestBody)
	case body != "":
		return body, nil
	case f.fetched != "":
		return f.fetched, nil
	case f.yes("UsePreviousTemplate") && st != nil && st.current().Original != "":
		return st.current().Original, nil
	}
	return "", refuse("Either Template URL or Template Body must be specified.")
}

// hosted is a bucket in the name of the host.
var hosted = regexp.MustCompile(`^(.+)\.s3[.-]`)

// fetch reads a template from S3, by a path-style or a virtual-hosted URL.
func (s *Service) fetch(ctx context.Context, address string) (string, error) {
	place, err := url.Parse(address)
	if err != nil || place.Host == "" || s.opts.ReadObject == nil {
		return "", refuse("TemplateURL must be a supported URL.")
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(place.Path, "/"), "/")
	if match := hosted.FindStringSubmatch(place.Hostname()); match != nil {
		bucket, key = match[1], strings.TrimPrefix(place.Path, "/")
	}
	text, err := s.opts.ReadObject(ctx, bucket, key)
	if err != nil {
		return "", refuse("S3 error: %s\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html", err)
	}
	if len(text) > longestObject {
		return "", refuse("Template may not exceed %d bytes in size.", longestObject)
	}
	return string(text), nil
}

// process takes a template through its transforms. It gives the JSON text
// behind them, the template, and the transforms that were declared.
func (s *Service) process(text string) (processed string, t *evaluate.Template, transforms []string, err error) {
	document, err := evaluate.Document([]byte(text))
	if err != nil {
		return "", nil, nil, asRefusal(err)
	}
	transforms = evaluate.Transforms(document)
	for _, name := range transforms {
		if name != serverless {
			return "", nil, nil, refuse("No transform named %s found.", name)
		}
	}
	if len(transforms) > 0 {
		if document, err = s.opts.Expand(document); err != nil {
			return "", nil, transforms, &transformError{err.Error()}
		}
		delete(document, "Transform")
	}
	if t, err = evaluate.New(document); err != nil {
		return "", nil, transforms, asRefusal(err)
	}
	if err := s.checkTypes(t); err != nil {
		return "", nil, transforms, err
	}
	raw, err := json.Marshal(document)
	return string(raw), t, transforms, err
}

func (s *Service) checkTypes(t *evaluate.Template) error {
	var strange []string
	for _, logical := range slices.Sorted(maps.Keys(t.Resources)) {
		if _, known := s.opts.Kinds[t.Resources[logical].Type]; !known {
			strange = append(strange, t.Resources[logical].Type)
		}
	}
	if len(strange) > 0 {
		slices.Sort(strange)
		return refuse("Template format error: Unrecognized resource types: [%s]", strings.Join(slices.Compact(strange), ", "))
	}
	return nil
}

// read is the deployment that a request asks for; st is the stack that it
// would change, nil for a new one. direct tells that no change set comes
// before the resources are made. The caller holds the lock.
func (s *Service) read(f form, st *stack, direct bool) (deployment, error) {
	d := deployment{Capabilities: f.texts("Capabilities"), NotificationARNs: f.texts("NotificationARNs"), RoleARN: f.Get("RoleARN")}
	var err error
	if d.Original, err = f.templateText(st); err != nil {
		return d, err
	}
	var t *evaluate.Template
	var transforms []string
	if d.Processed, t, transforms, err = s.process(d.Original); err != nil {
		return d, err
	}
	if err := checkCapabilities(t, d.Capabilities, direct && len(transforms) > 0); err != nil {
		return d, err
	}
	if d.Parameters, err = readParameters(f, t, st); err != nil {
		return d, err
	}
	for _, name := range slices.Sorted(maps.Keys(t.Parameters)) {
		if t.Parameters[name].NoEcho {
			d.Hidden = append(d.Hidden, name)
		}
	}
	d.Description = t.Description
	d.Tags = f.tags()
	if len(d.Tags) == 0 && st != nil && !f.Has("Tags") {
		d.Tags = st.current().Tags
	}
	return d, checkTags(d.Tags)
}

func readParameters(f form, t *evaluate.Template, st *stack) (map[string]string, error) {
	given := map[string]string{}
	var failed error
	f.each("Parameters", func(prefix string) {
		key := f.Get(prefix + "ParameterKey")
		if !f.yes(prefix + "UsePreviousValue") {
			given[key] = f.Get(prefix + "ParameterValue")
			return
		}
		var before string
		known := false
		if st != nil {
			before, known = st.current().Parameters[key]
		}
		if !known && failed == nil {
			failed = refuse("Invalid input for parameter key %s. Cannot specify usePreviousValue as true for a parameter key not in the previous template", key)
		}
		given[key] = before
	})
	if failed != nil {
		return nil, failed
	}
	values, err := t.Values(given)
	return values, asRefusal(err)
}

// AWS: the most tags of a stack, and the lengths of their parts.
const mostTags, longestTagKey, longestTagValue = 50, 128, 256

func checkTags(tags []tag) error {
	var v wire.Violations
	v.Items("tags", len(tags), 0, mostTags)
	seen := map[string]bool{}
	for _, t := range tags {
		v.Length("tags.key", t.Key, 1, longestTagKey)
		v.Length("tags.value", t.Value, 0, longestTagValue)
		if seen[t.Key] {
			return refuse("Duplicate tag keys found: %s", t.Key)
		}
		seen[t.Key] = true
	}
	return v.ErrAs("ValidationError")
}

// asRefusal is what is wrong with a template as the API answers it.
func asRefusal(err error) error {
	var invalid *evaluate.Invalid
	if errors.As(err, &invalid) {
		return refuse("%s", invalid.Message)
	}
	return err
}

// current is what a stack is described by: what it was last deployed with, or
// is being created with.
func (st *stack) current() deployment {
	if st.stable() {
		return st.Deployed
	}
	return st.Operation.Target
}

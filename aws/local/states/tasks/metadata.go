package tasks

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/stepdeck/stepdeck/aws/local/ids"
	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// addMetadata gives the answer of an optimised integration the members that
// tell of the HTTP exchange; machines may select from them.
func (r Ref) addMetadata(answer *jsonv.Object, length int, now time.Time) *jsonv.Object {
	id := ids.UUID()
	contentType := "application/x-amz-json-1.1"
	headers, all := jsonv.NewObject(), jsonv.NewObject()
	add := func(name, value string) {
		headers.Set(name, value)
		all.Set(name, []any{value})
	}
	if r.service == "states" {
		contentType = "application/x-amz-json-1.0"
		add("connection", "keep-alive")
	}
	add("Content-Length", strconv.Itoa(length))
	add("Content-Type", contentType)
	add("Date", now.UTC().Format(http.TimeFormat))
	add("x-amzn-RequestId", id)
	answer.Set("SdkHttpMetadata", jsonv.NewObject("AllHttpHeaders", all, "HttpHeaders", headers, "HttpStatusCode", json.Number("200")))
	answer.Set("SdkResponseMetadata", jsonv.NewObject("RequestId", id))
	return sorted(answer)
}

// sorted is o with its members in alphabetical order, as these answers have them.
func sorted(o *jsonv.Object) *jsonv.Object {
	out := jsonv.NewObject()
	for _, key := range slices.Sorted(slices.Values(o.Keys())) {
		value, _ := o.Get(key)
		out.Set(key, value)
	}
	return out
}

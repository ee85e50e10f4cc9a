package engine

import "github.com/stepdeck/stepdeck/aws/local/jsonv"

// value is a JSON value that keeps the order of its keys in the store.
type value struct{ v any }

func (v value) MarshalJSON() ([]byte, error) { return []byte(jsonv.Text(v.v)), nil }

func (v *value) UnmarshalJSON(text []byte) error {
	parsed, err := jsonv.Parse(string(text))
	v.v = parsed
	return err
}

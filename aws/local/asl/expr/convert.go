package expr

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/xiatechs/jsonata-go/jtypes"

	"github.com/stepdeck/stepdeck/aws/local/jsonv"
)

// null is how the library holds a JSON null; a plain nil is undefined to it.
var null = (*any)(nil)

// toNative turns ordered JSON into the shapes the library works on.
func toNative(v any) any {
	switch v := v.(type) {
	case nil:
		return null
	case json.Number:
		f, _ := v.Float64()
		return f
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = toNative(item)
		}
		return list
	case *jsonv.Object:
		return toNativeObject(v)
	}
	return v
}

func toNativeObject(o *jsonv.Object) map[string]any {
	m := make(map[string]any, o.Len())
	for _, key := range o.Keys() {
		item, _ := o.Get(key)
		m[key] = toNative(item)
	}
	return m
}

// fromResult turns what the library returns into ordered JSON. Functions have
// no JSON form.
func fromResult(v any) (any, error) {
	value := reflect.ValueOf(v)
	if value.IsValid() && jtypes.IsCallable(value) {
		return nil, ErrUnsupported
	}
	value = jtypes.Resolve(value)
	switch value.Kind() {
	case reflect.Slice, reflect.Array:
		list := make([]any, value.Len())
		for i := range list {
			item, err := fromResult(value.Index(i).Interface())
			if err != nil {
				return nil, err
			}
			list[i] = item
		}
		return list, nil
	case reflect.Map:
		m := map[string]any{}
		for _, key := range value.MapKeys() {
			item, err := fromResult(value.MapIndex(key).Interface())
			if err != nil {
				return nil, err
			}
			m[fmt.Sprint(key.Interface())] = item
		}
		return jsonv.FromNative(m), nil
	case reflect.Invalid, reflect.Pointer, reflect.Interface:
		return nil, nil
	}
	return jsonv.FromNative(value.Interface()), nil
}

package resources

import (
	"context"
	"strings"
)

// checked makes a kind refuse properties that are not of its shape, and gives
// it those that are with their types settled. It is tagged where its shape is.
func checked(k Kind, properties shape) Kind {
	create, update := k.Create, k.Update
	_, k.Tagged = properties.members["Tags"]
	k.Create = func(ctx context.Context, env Env, logical string, p Properties) (Made, error) {
		if found := properties.problems("#", p); len(found) > 0 {
			return Made{}, refused("Properties validation failed for resource " + logical + " with message:\n" + strings.Join(found, "\n"))
		}
		return create(ctx, env, logical, settled(properties, p))
	}
	k.Update = func(ctx context.Context, env Env, id string, old, p Properties) (Made, error) {
		if found := properties.problems("#", p); len(found) > 0 {
			return Made{}, handled("Model validation failed ("+strings.Join(found, "; ")+")", invalid)
		}
		return update(ctx, env, id, settled(properties, old), settled(properties, p))
	}
	return k
}

// refused is an error in CloudFormation's own words.
type refused string

func (r refused) Error() string { return string(r) }

func settled(properties shape, p Properties) Properties {
	out, _ := properties.settled(p).(map[string]any)
	return out
}

// recorded is a kind that exists in the records alone. identify gives what a
// resource made of the properties is called; the name that clashes is property.
func recorded(k Kind, properties shape, property string, identify func(env Env, logical string, p Properties) string, attributes func(env Env, id string) map[string]any) Kind {
	k.Create = func(_ context.Context, env Env, logical string, p Properties) (Made, error) {
		id := identify(env, logical, p)
		found, err := env.Records.Get(k.Type, id, &Properties{})
		if err != nil {
			return Made{}, err
		}
		if found {
			return Made{}, exists(k.Type, property, id)
		}
		return Made{ID: id, Attributes: attributes(env, id)}, env.Records.Put(k.Type, id, p)
	}
	k.Update = func(_ context.Context, env Env, id string, _, p Properties) (Made, error) {
		return Made{ID: id, Attributes: attributes(env, id)}, env.Records.Put(k.Type, id, p)
	}
	k.Delete = func(_ context.Context, env Env, id string, _ Properties) error { return env.Records.Delete(k.Type, id) }
	k.Read = func(_ context.Context, env Env, id string, p Properties) (Properties, error) {
		live := Properties{}
		found, err := env.Records.Get(k.Type, id, &live)
		if err != nil || !found {
			return nil, err
		}
		return observed(p, live), nil
	}
	return checked(k, properties)
}

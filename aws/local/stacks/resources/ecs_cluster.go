package resources

import (
	"context"
	"maps"
)

const clusterType = "AWS::ECS::Cluster"

// longestCluster bounds names of clusters.
const longestCluster = 255

var (
	strategyShape = shape{sort: list, items: &strategyItem}
	strategyItem  = of(texts("CapacityProvider"), numbers("Base Weight"))
	clusterShape  = of(
		texts("ClusterName"), words("CapacityProviders"), tagged(), opaque("Configuration ServiceConnectDefaults"),
		lists("ClusterSettings", of(texts("Name Value"))), each("DefaultCapacityProviderStrategy", strategyShape),
	)
)

func cluster() Kind {
	return checked(Kind{
		Type: clusterType, Replaces: []string{"ClusterName"}, SystemTags: true,
		Create: createCluster, Update: updateCluster, Delete: deleteCluster, Read: readCluster,
	}, clusterShape)
}

func createCluster(ctx context.Context, env Env, logical string, p Properties) (Made, error) {
	name := physical(env, logical, p, "ClusterName", longestCluster)
	there, err := describeCluster(ctx, env, name)
	switch {
	case err != nil:
		return Made{}, err
	case there != nil: // ECS itself gives the cluster that is there
		return Made{}, exists(clusterType, "ClusterName", name)
	}
	request, _ := clusterShape.request(p).(map[string]any)
	request["clusterName"], request["settings"] = name, request["clusterSettings"]
	if err := env.Invoke(ctx, "ecs", "CreateCluster", request, nil); err != nil {
		return Made{}, failed("Ecs", err)
	}
	return clusterMade(env, name), nil
}

func clusterMade(env Env, name string) Made {
	return Made{ID: name, Attributes: map[string]any{"Arn": env.arn("ecs", "cluster/"+name)}}
}

// describeCluster is an active cluster; nil when there is none.
func describeCluster(ctx context.Context, env Env, name string) (map[string]any, error) {
	var found struct{ Clusters []map[string]any }
	request := map[string]any{"clusters": []any{name}, "include": []any{"TAGS", "SETTINGS"}}
	if err := env.Invoke(ctx, "ecs", "DescribeClusters", request, &found); err != nil {
		return nil, failed("Ecs", err)
	}
	if len(found.Clusters) == 0 || str(found.Clusters[0], "status") != "ACTIVE" {
		return nil, nil
	}
	return found.Clusters[0], nil
}

func updateCluster(ctx context.Context, env Env, id string, old, p Properties) (Made, error) {
	if err := inPlace(ctx, env, id, old, p, changeCluster); err != nil {
		return Made{}, err
	}
	return clusterMade(env, id), nil
}

func changeCluster(ctx context.Context, env Env, id string, old, p Properties) error {
	if !same(old["CapacityProviders"], p["CapacityProviders"]) || !same(old["DefaultCapacityProviderStrategy"], p["DefaultCapacityProviderStrategy"]) {
		if err := putProviders(ctx, env, id, p); err != nil {
			return err
		}
	}
	if settings, given := p["ClusterSettings"]; given && !same(old["ClusterSettings"], settings) {
		request := map[string]any{"cluster": id, "settings": clusterShape.members["ClusterSettings"].request(settings)}
		if err := env.Invoke(ctx, "ecs", "UpdateCluster", request, nil); err != nil {
			return failed("Ecs", err)
		}
	}
	return changeTags(ctx, env, "ecs", "Ecs", env.arn("ecs", "cluster/"+id), tagPairs, old, p)
}

// putProviders sets what of a cluster, or of its associations, names capacity providers.
func putProviders(ctx context.Context, env Env, name string, p Properties) error {
	providers, strategy := p["CapacityProviders"], strategyShape.request(p["DefaultCapacityProviderStrategy"])
	if providers == nil {
		providers = []any{}
	}
	if strategy == nil {
		strategy = []any{}
	}
	request := map[string]any{"cluster": name, "capacityProviders": providers, "defaultCapacityProviderStrategy": strategy}
	return failed("Ecs", env.Invoke(ctx, "ecs", "PutClusterCapacityProviders", request, nil))
}

func deleteCluster(ctx context.Context, env Env, id string, _ Properties) error {
	err := env.Invoke(ctx, "ecs", "DeleteCluster", map[string]any{"cluster": id}, nil)
	if missing(err) {
		return nil
	}
	return failed("Ecs", err)
}

func readCluster(ctx context.Context, env Env, id string, p Properties) (Properties, error) {
	found, err := describeCluster(ctx, env, id)
	if err != nil || found == nil {
		return nil, err
	}
	found["clusterSettings"] = found["settings"]
	live := Properties{}
	maps.Copy(live, p)
	inTemplate, _ := clusterShape.template(found).(map[string]any)
	maps.Copy(live, inTemplate)
	return observed(p, live), nil
}

var providersShape = of(
	texts("Cluster!"), words("CapacityProviders!"), each("DefaultCapacityProviderStrategy!", strategyShape),
)

// capacityProviders is what a cluster runs tasks on, as a resource of its own; its ID is the cluster's name.
func capacityProviders() Kind {
	put := func(ctx context.Context, env Env, p Properties) (Made, error) {
		return Made{ID: str(p, "Cluster")}, putProviders(ctx, env, str(p, "Cluster"), p)
	}
	return checked(Kind{
		Type: "AWS::ECS::ClusterCapacityProviderAssociations", Replaces: []string{"Cluster"},
		Create: func(ctx context.Context, env Env, _ string, p Properties) (Made, error) { return put(ctx, env, p) },
		Update: func(ctx context.Context, env Env, _ string, _, p Properties) (Made, error) { return put(ctx, env, p) },
		Delete: func(ctx context.Context, env Env, id string, _ Properties) error {
			if found, err := describeCluster(ctx, env, id); err != nil || found == nil {
				return err
			}
			return putProviders(ctx, env, id, Properties{})
		},
		Read: func(ctx context.Context, env Env, id string, p Properties) (Properties, error) {
			found, err := describeCluster(ctx, env, id)
			if err != nil || found == nil {
				return nil, err
			}
			live, _ := providersShape.template(found).(map[string]any)
			live["Cluster"] = p["Cluster"]
			return observed(p, live), nil
		},
	}, providersShape)
}

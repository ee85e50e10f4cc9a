package ecs_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestAClusterIsChanged(t *testing.T) {
	w := newWorld(t, setup{})
	name := aws.String("dumps")
	if _, err := w.CreateCluster(t.Context(), &sdk.CreateClusterInput{ClusterName: name, CapacityProviders: []string{"FARGATE"}}); err != nil {
		t.Fatal(err)
	}
	insights := []types.ClusterSetting{{Name: types.ClusterSettingNameContainerInsights, Value: aws.String("enhanced")}}
	if _, err := w.UpdateCluster(t.Context(), &sdk.UpdateClusterInput{Cluster: name, Settings: insights}); err != nil {
		t.Fatal(err)
	}
	strategy := []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE_SPOT"), Weight: 2}}
	out, err := w.PutClusterCapacityProviders(t.Context(), &sdk.PutClusterCapacityProvidersInput{
		Cluster: name, CapacityProviders: []string{"FARGATE_SPOT"}, DefaultCapacityProviderStrategy: strategy,
	})
	if err != nil {
		t.Fatal(err)
	}
	c := out.Cluster
	if len(c.CapacityProviders) != 1 || c.CapacityProviders[0] != "FARGATE_SPOT" || c.DefaultCapacityProviderStrategy[0].Weight != 2 ||
		len(c.Settings) != 1 || *c.Settings[0].Value != "enhanced" {
		t.Errorf("the cluster is %+v", c)
	}
}

func TestWhatNoClusterIsChangedTo(t *testing.T) {
	w := newWorld(t, setup{})
	if _, err := w.CreateCluster(t.Context(), &sdk.CreateClusterInput{ClusterName: aws.String("dumps")}); err != nil {
		t.Fatal(err)
	}
	put := func(cluster string, providers []string, strategy ...string) error {
		in := &sdk.PutClusterCapacityProvidersInput{Cluster: &cluster, CapacityProviders: providers, DefaultCapacityProviderStrategy: []types.CapacityProviderStrategyItem{}}
		for _, name := range strategy {
			in.DefaultCapacityProviderStrategy = append(in.DefaultCapacityProviderStrategy, types.CapacityProviderStrategyItem{CapacityProvider: &name, Weight: 1})
		}
		_, err := w.PutClusterCapacityProviders(t.Context(), in)
		return err
	}
	refused(t, put("other", []string{"FARGATE"}), "ClusterNotFoundException: Cluster not found.")
	refused(t, put("", []string{"FARGATE"}), "InvalidParameterException: Cluster can not be blank.")
	refused(t, put("dumps", []string{"MOON"}), "InvalidParameterException: The specified capacity provider 'MOON' was not found.")
	refused(t, put("dumps", []string{"FARGATE"}, "FARGATE_SPOT"), "InvalidParameterException: The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster.")
}

// Package wiretest gives tests the SDK's clients of what they serve.
package wiretest

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/stepdeck/stepdeck/aws/local/wire"
	"github.com/stepdeck/stepdeck/aws/transport"
)

// region is that of every test.
const region = "us-east-1"

// Router has no service yet and logs nothing.
func Router() *wire.Router {
	return &wire.Router{Region: region, Log: slog.New(slog.DiscardHandler)}
}

// Config is that of a client of what is served at url. What is refused is not tried again.
func Config(url string) aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: &url, HTTPClient: transport.Exact(http.DefaultClient),
		Credentials: credentials.NewStaticCredentialsProvider("AKIDLOCAL", "secret", ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
		APIOptions:  []func(*middleware.Stack) error{withoutHostPrefix},
	}
}

// withoutHostPrefix keeps the SDK from putting the likes of "sync-" before the host.
func withoutHostPrefix(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("withoutHostPrefix",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(smithyhttp.DisableEndpointHostPrefix(ctx, true), in)
		}), middleware.Before)
}

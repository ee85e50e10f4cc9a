package ops

import "context"

type targetKey struct{}

// WithTarget names, for the journal, what the changes made with the context are about. It is
// for calls whose input does not tell, which are those that answer a task token.
func WithTarget(ctx context.Context, arn string) context.Context {
	return context.WithValue(ctx, targetKey{}, arn)
}

// Target is what WithTarget named; empty where nothing did.
func Target(ctx context.Context) string {
	arn, _ := ctx.Value(targetKey{}).(string)
	return arn
}

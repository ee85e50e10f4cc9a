package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// ErrPortInUse tells that another program listens where local AWS was told to.
var ErrPortInUse = errors.New("the port is in use")

// OptionError is an option that local AWS cannot start with, whatever the machine's state.
type OptionError struct{ reason string }

// Error names the option's value and what would be accepted.
func (e *OptionError) Error() string { return e.reason }

func badOption(format string, args ...any) error { return &OptionError{fmt.Sprintf(format, args...)} }

// listen opens a port on loopback. Local AWS checks no signature and runs
// programs, so nothing outside the machine may reach it.
func listen(ctx context.Context, address string) (net.Listener, error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, badOption("the address %q is not HOST:PORT, such as 127.0.0.1:4566", address)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, badOption("local AWS listens on loopback only, not on %q: use 127.0.0.1:%s", host, port)
	}
	if _, err := net.DefaultResolver.LookupPort(ctx, "tcp", port); err != nil {
		return nil, badOption("the port %q of %q is not a number from 0 to 65535", port, address)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("listen on %s: %w", net.JoinHostPort(host, port), ErrPortInUse)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return listener, nil
}

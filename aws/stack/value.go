package stack

import "log/slog"

const hidden = "***"

// NewValue takes a secret's value.
func NewValue(raw string) Value { return Value{raw} }

// Reveal gives the value, to be sent.
func (v Value) Reveal() string { return v.raw }

// Empty reports whether there is no value.
func (v Value) Empty() bool { return v.raw == "" }

// String hides the value.
func (Value) String() string { return hidden }

// GoString hides the value.
func (Value) GoString() string { return hidden }

// MarshalText hides the value.
func (Value) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue hides the value.
func (Value) LogValue() slog.Value { return slog.StringValue(hidden) }

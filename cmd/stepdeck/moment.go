package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
)

// parseSince reads a --since value: how long ago (90s, 15m, 24h, 7d), a date or a time. Empty is the zero time.
func parseSince(value string, now time.Time) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	if days, ok := strings.CutSuffix(value, "d"); ok {
		if n, err := strconv.ParseFloat(days, 64); err == nil && n >= 0 && n <= 36500 {
			return now.Add(-time.Duration(n * 24 * float64(time.Hour))), nil
		}
	}
	if d, err := time.ParseDuration(value); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, value, now.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, refuse("--since", safe.Linef("%q is no span and no time", value),
		"use a span such as 30m, 24h or 7d, a date such as 2006-01-02, or an RFC 3339 time")
}

// clockTime writes a time for a table: the day is left out when it is today.
func clockTime(t, now time.Time) safe.Text {
	if t.IsZero() {
		return safe.Text{}
	}
	t = t.In(now.Location())
	if y, m, d := t.Date(); y == now.Year() && m == now.Month() && d == now.Day() {
		return safe.Line(t.Format(time.TimeOnly))
	}
	return safe.Line(t.Format(time.DateTime))
}

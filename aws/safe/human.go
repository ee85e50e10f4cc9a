package safe

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

const day = 24 * time.Hour

// Duration writes the two largest units: 41m 12s, 2d 3h, 350ms. A negative
// duration keeps its sign.
func Duration(d time.Duration) Text {
	if d < 0 {
		// The least duration has no positive twin.
		return Text{"-" + Duration(-max(d, -math.MaxInt64)).s}
	}
	switch {
	case d < time.Second:
		return Text{fmt.Sprintf("%dms", d.Milliseconds())}
	case d < 10*time.Second:
		return Text{fmt.Sprintf("%.1fs", d.Truncate(100*time.Millisecond).Seconds())}
	case d < time.Minute:
		return Text{fmt.Sprintf("%ds", d/time.Second)}
	case d < time.Hour:
		return pair(d, time.Minute, "m", time.Second, "s")
	case d < day:
		return pair(d, time.Hour, "h", time.Minute, "m")
	default:
		return pair(d, day, "d", time.Hour, "h")
	}
}

func pair(d, big time.Duration, bigName string, small time.Duration, smallName string) Text {
	rest := d % big / small
	if rest == 0 {
		return Text{fmt.Sprintf("%d%s", d/big, bigName)}
	}
	return Text{fmt.Sprintf("%d%s %d%s", d/big, bigName, rest, smallName)}
}

// Age writes how long ago then was, in one unit: now, 4s, 3m, 2h, 5d. The zero
// time has no age and gives an empty text.
func Age(then, now time.Time) Text {
	if then.IsZero() {
		return Text{}
	}
	switch d := now.Sub(then); {
	case d < time.Second:
		return Text{"now"}
	case d < time.Minute:
		return Text{fmt.Sprintf("%ds", d/time.Second)}
	case d < time.Hour:
		return Text{fmt.Sprintf("%dm", d/time.Minute)}
	case d < day:
		return Text{fmt.Sprintf("%dh", d/time.Hour)}
	default:
		return Text{fmt.Sprintf("%dd", d/day)}
	}
}

// Bytes writes a size in binary units with at most one decimal: 512 B, 1.5 KiB.
func Bytes(n int64) Text {
	if n < 1024 {
		return Text{fmt.Sprintf("%d B", n)}
	}
	value, unit := float64(n), 0
	units := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	for value >= 1024 && unit < len(units)-1 {
		value /= 1024
		unit++
	}
	if value < 10 {
		return Text{fmt.Sprintf("%.1f %s", value, units[unit])}
	}
	return Text{fmt.Sprintf("%.0f %s", value, units[unit])}
}

// Count writes an integer with a comma between thousands: 8,192.
func Count(n int) Text {
	digits := strconv.Itoa(n)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(digits) - 3; i > start; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return Text{digits}
}

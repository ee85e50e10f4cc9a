package wire

import (
	"strconv"
	"time"
)

// Seconds is an instant as the JSON services write it: seconds since 1970 with
// milliseconds as decimals.
type Seconds time.Time

// MarshalJSON writes the number.
func (s Seconds) MarshalJSON() ([]byte, error) {
	millis := time.Time(s).UnixMilli()
	return strconv.AppendFloat(nil, float64(millis)/1000, 'f', -1, 64), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Seconds) UnmarshalJSON(text []byte) error {
	value, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return err
	}
	*s = Seconds(time.UnixMilli(int64(value*1000 + 0.5)).UTC())
	return nil
}

// SecondsOf is t on the wire; nil for the zero time, so that omitempty leaves it out.
func SecondsOf(t time.Time) *Seconds {
	if t.IsZero() {
		return nil
	}
	s := Seconds(t)
	return &s
}

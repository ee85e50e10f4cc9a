package builtin_test

import (
	"testing"

	"github.com/stepdeck/stepdeck/aws/local/asl/builtin"
)

func TestHash(t *testing.T) {
	// The digests of "abc" in FIPS 180-4 and RFC 1321.
	for algorithm, want := range map[string]string{
		"MD5":     "900150983cd24fb0d6963f7d28e17f72",
		"SHA-1":   "a9993e364706816aba3e25717850c26c9cd0d89d",
		"SHA-256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"SHA-384": "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
		"SHA-512": "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	} {
		if got, err := builtin.Hash("abc", algorithm); got != want || err != nil {
			t.Errorf("%s: %s, %v", algorithm, got, err)
		}
	}
	if _, err := builtin.Hash("abc", "md5"); err == nil {
		t.Error("an unknown algorithm was accepted")
	}
}

func TestRangeHoldsBothEnds(t *testing.T) {
	for _, tt := range []struct {
		first, last, step float64
		count             int
	}{{0, 9, 3, 4}, {0, 10, 3, 4}, {5, 5, 1, 1}, {5, 4, 1, 0}, {4, 5, -1, 0}, {3, 0, -1, 4}, {0, 999, 1, 1000}, {0, 1, 0.25, 5}} {
		list, err := builtin.Range(tt.first, tt.last, tt.step)
		if err != nil || len(list) != tt.count || tt.count > 0 && list[0] != tt.first {
			t.Errorf("%+v: %v, %v", tt, list, err)
		}
	}
	for _, step := range []float64{0, 0.5} {
		if _, err := builtin.Range(0, 999, step); err == nil {
			t.Errorf("step %v was accepted", step)
		}
	}
}

package ecs

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// arn is arn:aws:ecs:region:account:kind/name.
func (s *Service) arn(kind, name string) string {
	return fmt.Sprintf("arn:aws:ecs:%s:%s:%s/%s", s.options.Region, s.options.Account, kind, name)
}

// nameOf takes a name or an ARN of the kind and gives what stands after "kind/".
func nameOf(kind, nameOrARN string) string {
	if !strings.HasPrefix(nameOrARN, "arn:") {
		return nameOrARN
	}
	if _, name, found := strings.Cut(nameOrARN, ":"+kind+"/"); found {
		return name
	}
	return nameOrARN
}

// familyRevision splits "family", "family:3" or an ARN of either; revision 0
// means that none is named.
func familyRevision(name string) (family string, revision int, ok bool) {
	name = nameOf("task-definition", name)
	family, number, found := strings.Cut(name, ":")
	if !found {
		return family, 0, true
	}
	revision, err := strconv.Atoi(number)
	return family, revision, err == nil && revision > 0
}

// randomDigits is the number that ends a container's runtime id.
func randomDigits() string {
	raw := make([]byte, 4)
	_, _ = rand.Read(raw)
	return fmt.Sprintf("%010d", binary.BigEndian.Uint32(raw))
}

package faults

import (
	"encoding/json"
	"net/http"
)

// bodyLimit bounds a list of rules, in bytes.
const bodyLimit = 1 << 20

// ServeHTTP lets rules be read (GET), put in force (PUT, a JSON list) and
// lifted (DELETE) while local AWS runs.
func (s *Set) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	switch req.Method {
	case http.MethodPut:
		rules, err := Parse(http.MaxBytesReader(w, req.Body, bodyLimit))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.Replace(rules)
	case http.MethodDelete:
		s.Replace(nil)
	case http.MethodGet:
	default:
		http.Error(w, "faults take GET, PUT and DELETE", http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s.Rules())
}

package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// localAddress tells other processes where local AWS answers.
type localAddress struct {
	URL     string `json:"url"`
	PID     int    `json:"pid"`
	Region  string `json:"region"`
	Account string `json:"account"`
}

// localAddressFile is where the process that serves local AWS writes its address.
func localAddressFile(state string) string { return filepath.Join(state, "local", "endpoint.json") }

// runningLocal returns the address of a local AWS that runs and answers. A file left behind by
// one that was killed counts as none, also when another program has got its port since.
func runningLocal(ctx context.Context, state string) (url string, ok bool) {
	content, err := os.ReadFile(localAddressFile(state))
	if err != nil {
		return "", false
	}
	var address localAddress
	if err := json.Unmarshal(content, &address); err != nil || address.URL == "" {
		return "", false
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.URL+"/_local/health", http.NoBody)
	if err != nil {
		return "", false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", false
	}
	_ = response.Body.Close()
	return address.URL, response.StatusCode == http.StatusNoContent
}

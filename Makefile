GO      ?= go
BIN     := bin
LINT    := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
FUMPT   := mvdan.cc/gofumpt@v0.12.0
BUILD   := $(GO) build -trimpath -ldflags '-s -w'

.PHONY: run build test test-scale test-image test-deps vet lint bench fuzz clean

## run: build, serve local AWS with something to look at, and open the console on it
run: build
	$(BIN)/stepdeck local demo

## build: the console and the entrypoint, for this computer and for the image, in bin/
build:
	$(BUILD) -o $(BIN)/stepdeck ./cmd/stepdeck
	CGO_ENABLED=0 $(BUILD) -o $(BIN)/steprun ./cmd/steprun
	CGO_ENABLED=0 GOOS=linux GOARCH=amd64 $(BUILD) -o $(BIN)/steprun-amd64 ./cmd/steprun

## test: install what the tests need (on Debian, as root) and run them all
test: test-deps vet
	$(GO) test -race -timeout 14m ./...

## test-scale: the console at the sizes of real accounts, and 100,000 steps of a random walk through it
test-scale:
	$(GO) test -timeout 30m -v -run 'TestABigEndpoint|TestWhateverIsDone' ./tui/e2e -args -full
	$(GO) test -timeout 30m -v ./aws/ops/scale -args -full

## test-image: build the image with a real engine, and run jobs in it on local AWS; as root on Debian it installs the engine
test-image:
	.ci/test-image

test-deps:
	.ci/install-test-deps

vet:
	$(GO) vet ./...

## lint: formatting and the linters of .golangci.yml
lint:
	test -z "$$($(GO) run $(FUMPT) -l .)"
	$(GO) run $(LINT) run

## bench: the benchmarks, with allocations
bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

## fuzz: each fuzz target for half a minute
fuzz:
	.ci/fuzz 30s

clean:
	rm -rf $(BIN)

# ClusterTrust. `make demo` and `make test` need the .NET SDK 10 and nothing else; what more they need, they install or name.

CONFIGURATION ?= Release
ARTIFACTS     := artifacts
RID           ?= $(shell uname -m | sed -e 's/x86_64/linux-x64/' -e 's/aarch64/linux-arm64/')
COMMIT        := $(shell git rev-parse --short=12 HEAD 2>/dev/null)
DOTNET_FLAGS  := --nologo --configuration $(CONFIGURATION) --verbosity quiet -p:SourceRevisionId=$(COMMIT)

export DOTNET_CLI_TELEMETRY_OPTOUT = 1
export DOTNET_NOLOGO = 1

.DEFAULT_GOAL := help

.PHONY: help build publish demo test test-cluster soak docs images image-check release compare sbom bench manifests configure setup-azure setup-aws setup-github install format-check clean

help: ## What there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -e 's/:.*## /\t/' | sort | while IFS='	' read -r target text; do printf '  make %-14s %s\n' "$$target" "$$text"; done

build: ## Both jobs into artifacts/oidc/oidc and artifacts/certsync/certsync (JIT, for quick turns)
	@scripts/build.sh jit $(CONFIGURATION) "$(COMMIT)"

publish: ## The same, native (needs clang and zlib1g-dev)
	@scripts/setup.sh native
	@scripts/build.sh native $(CONFIGURATION) "$(COMMIT)" $(RID)

demo: ## The whole chain on this machine: publish, plan, sync, renew, rotate (KEEP=1 leaves it running; CLUSTER=KUBECONFIG: with that cluster)
	@CLUSTER=$(CLUSTER) scripts/setup.sh demo
	@scripts/build.sh jit $(CONFIGURATION) "$(COMMIT)"
	@KEEP=$(KEEP) SANDBOX_CLUSTER=$(abspath $(CLUSTER)) dotnet run --project tests/Demo --configuration $(CONFIGURATION) --no-launch-profile --verbosity quiet

test: ## The tests without the long ones (LONG=1: all; PUBLISHED=1: all, and every end-to-end test runs the native binaries as processes)
	@scripts/test.sh $(CONFIGURATION)

test-cluster: ## The end-to-end tests that leave the API server alone, on a real cluster (CLUSTER=KUBECONFIG)
	@test -n "$(CLUSTER)" || { echo "Which cluster? make test-cluster CLUSTER=KUBECONFIG" >&2; exit 2; }
	@scripts/setup.sh test
	@scripts/build.sh jit $(CONFIGURATION) "$(COMMIT)"
	@SANDBOX_CLUSTER=$(abspath $(CLUSTER)) dotnet test tests/EndToEnd.Tests --nologo --configuration $(CONFIGURATION) --verbosity minimal --filter 'ApiServer!=own'

soak: ## The tests of faults at length: every row and every call, kills, stops, races (PUBLISHED=1: native binaries); ends with the figures
	@scripts/soak.sh $(CONFIGURATION)

docs: ## Writes what is generated: docs/events.md, the commands of docs/rotation.md, the fault matrix of docs/reliability.md, manifests/*/options.env
	@UPDATE_DOCS=1 dotnet test tests/Docs.Tests $(DOTNET_FLAGS) --filter PageTests >/dev/null && echo "docs/events.md, docs/rotation.md and manifests/*/options.env are up to date"
	@UPDATE_DOCS=1 dotnet test tests/EndToEnd.Tests $(DOTNET_FLAGS) --filter MatrixTests.The_page_has_the_rows >/dev/null && echo "docs/reliability.md is up to date"

format-check: ## Fails when the code is not formatted as .editorconfig says
	@dotnet format Jobs.sln --verify-no-changes --no-restore

images: ## Both images, with docker, podman or buildah (PUSH=1 REGISTRY=HOST/PATH pushes them, LOAD=k3d or LOAD=kind puts them into the nodes)
	@scripts/images.sh

image-check: ## The images built and run without a container engine (root, Debian)
	@scripts/image-check.sh $(CONFIGURATION)

release: ## Everything of a release into OUT, the same bytes every time (VERSION=, OUT=; IMAGES=HOST/OWNER/clustertrust)
	@IMAGES="$(IMAGES)" STRICT="$(STRICT)" PLATFORMS="$(PLATFORMS)" scripts/release.sh "$(VERSION)" "$(OUT)"

compare: build ## oidc beside the usual shell CronJob under the same faults: the table of docs/why.md
	@scripts/compare.sh $(CONFIGURATION)

sbom: ## A CycloneDX bill of materials per image into artifacts/sbom
	@scripts/sbom.sh $(RID)

bench: publish ## The table of docs/benchmarks.md (ROUNDS=7)
	@scripts/bench.sh $(CONFIGURATION)

manifests: ## Every overlay and component, built by kustomize into artifacts/manifests
	@scripts/manifests.sh

configure: ## An overlay of your own in my-cluster/: asks for names, each once (or OWNER=, REPOSITORY=, VAULT=, CLUSTER_NAME=, …)
	@scripts/configure.sh

setup-azure: ## Vault, identity, role, federated credential: prints the commands (APPLY=1 runs them)
	@scripts/setup-azure.sh

setup-aws: ## OIDC provider, role and policy (APPLY=1 runs them; PARAMETERS=PATH)
	@scripts/setup-aws.sh

setup-github: ## Repository, Pages, branch rule, deploy key (APPLY=1 runs them)
	@scripts/setup-github.sh

install: ## Applies my-cluster/ to the current context and runs both jobs once, certsync when the issuer is served
	@scripts/install.sh

clean: ## Removes what was built
	@rm -rf $(ARTIFACTS) && dotnet clean Jobs.sln $(DOTNET_FLAGS) >/dev/null

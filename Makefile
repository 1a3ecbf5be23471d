# ClusterTrust. `make demo` and `make test` require the .NET SDK 10; as root on Debian they install everything else, otherwise they list it.

CONFIGURATION ?= Release
ARTIFACTS     := artifacts
RID           ?= $(shell uname -m | sed -e 's/x86_64/linux-x64/' -e 's/aarch64/linux-arm64/')
DOTNET_FLAGS  := --nologo --configuration $(CONFIGURATION) --verbosity quiet

export DOTNET_CLI_TELEMETRY_OPTOUT = 1
export DOTNET_NOLOGO = 1
# Compiler and tests run too short for profiles: without them they take an eighth to a quarter less CPU. Without the protection of memory with
# compiled code (W^X), they take a quarter to a third less time in the kernel. With a later start of recompilation (100 ms by default), compiling
# takes a fifth less CPU and a job a tenth. Native binaries have none of them.
export DOTNET_TieredPGO = 0
export DOTNET_EnableWriteXorExecute = 0
export DOTNET_TC_CallCountingDelayMs = 500

.DEFAULT_GOAL := help

.PHONY: help build publish demo test test-cluster soak docs images image-check release compare sbom bench manifests configure setup-azure setup-aws setup-github install format-check clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -e 's/:.*## /\t/' | sort | while IFS='	' read -r target text; do printf '  make %-14s %s\n' "$$target" "$$text"; done

build: ## Build both jobs into artifacts/oidc/oidc and artifacts/certsync/certsync (JIT, for development)
	@scripts/build.sh jit $(CONFIGURATION)

publish: ## Build them as native binaries
	@scripts/setup.sh native
	@scripts/build.sh native $(CONFIGURATION) $(RID)

demo: ## Show the whole chain on this machine (KEEP=1 leaves it running; CLUSTER=KUBECONFIG uses that cluster)
	@scripts/setup.sh demo
	@scripts/build.sh jit $(CONFIGURATION)
	@echo "Building the demo ..."
	@KEEP=$(KEEP) SANDBOX_CLUSTER="$${CLUSTER:+$$(realpath "$$CLUSTER")}" dotnet run --project tests/Demo --configuration $(CONFIGURATION) --no-launch-profile --verbosity quiet

test: ## Run the tests without the long ones (LONG=1: all; PUBLISHED=1: with native binaries)
	@scripts/test.sh $(CONFIGURATION)

test-cluster: ## Run the end-to-end tests that do not control the API server, with a real cluster (CLUSTER=KUBECONFIG)
	@test -n "$(CLUSTER)" || { echo "CLUSTER is not set: make test-cluster CLUSTER=KUBECONFIG" >&2; exit 2; }
	@scripts/setup.sh test-cluster
	@scripts/build.sh jit $(CONFIGURATION)
	@SANDBOX_CLUSTER="$$(realpath "$$CLUSTER")" dotnet test tests/EndToEnd.Tests --nologo --configuration $(CONFIGURATION) --verbosity minimal --filter 'ApiServer!=own'

soak: ## Run the fault tests at length: every fault at every call, kills, stops, races (PUBLISHED=1: with native binaries)
	@scripts/soak.sh $(CONFIGURATION)

docs: ## Write the generated files: docs/events.md, the commands of docs/rotation.md, the tables of docs/reliability.md and docs/why.md, manifests/*/options.env
	@UPDATE_DOCS=1 dotnet test tests/Docs.Tests $(DOTNET_FLAGS) --filter PageTests >/dev/null && echo "docs/events.md, docs/rotation.md and manifests/*/options.env are up to date"
	@UPDATE_DOCS=1 dotnet test tests/EndToEnd.Tests $(DOTNET_FLAGS) --filter The_page_has_the_rows >/dev/null && echo "docs/reliability.md and docs/why.md are up to date"

format-check: ## Check that the code is formatted according to .editorconfig
	@# Layout, and the order of using directives; the build reports the other rules (EnforceCodeStyleInBuild).
	@dotnet format whitespace . --folder --verify-no-changes & \
	dotnet format style Jobs.sln --verify-no-changes --no-restore --diagnostics IMPORTS && wait $$!

images: ## Build both images with docker, podman or buildah (PUSH=1 REGISTRY=HOST/PATH pushes them, LOAD=k3d or LOAD=kind loads them into the nodes)
	@scripts/images.sh

image-check: ## Build, inspect and run the images without a container engine and a registry (root, Debian)
	@scripts/image-check.sh $(CONFIGURATION)

release: ## Make a release in OUT, reproducibly (VERSION=, OUT=; IMAGES=HOST/OWNER/clustertrust)
	@test -n "$(VERSION)" && test -n "$(OUT)" || { echo "VERSION or OUT is not set: make release VERSION=X.Y.Z OUT=FOLDER" >&2; exit 2; }
	@IMAGES="$(IMAGES)" STRICT="$(STRICT)" PLATFORMS="$(PLATFORMS)" scripts/release.sh "$(VERSION)" "$(OUT)"

compare: build ## Compare oidc with the usual shell CronJob under the same faults: every row of the table of docs/why.md
	@scripts/compare.sh $(CONFIGURATION)

sbom: ## Write a CycloneDX bill of materials per image to artifacts/sbom
	@scripts/sbom.sh $(RID)

bench: publish ## Measure the native binaries: the table of docs/benchmarks.md (ROUNDS=7)
	@scripts/bench.sh $(CONFIGURATION)

manifests: ## Render every overlay and component to artifacts/manifests
	@scripts/manifests.sh

configure: ## Create your own overlay in my-cluster/; prompts for each name once (or set OWNER=, REPOSITORY=, VAULT=, CLUSTER_NAME=, …)
	@scripts/configure.sh

setup-azure: ## Print the commands that create vault, identity, role and federated credential (APPLY=1 runs them)
	@scripts/setup-azure.sh

setup-aws: ## Print the commands that create OIDC provider, role and policy in AWS (APPLY=1 runs them; PARAMETERS=PATHS)
	@scripts/setup-aws.sh

setup-github: ## Print the commands that create repository, Pages, branch rule and deploy key (APPLY=1 runs them)
	@scripts/setup-github.sh

install: ## Apply my-cluster/ to the current context and run both jobs once, certsync after the issuer is served
	@scripts/install.sh

clean: ## Remove everything that was built
	@rm -rf $(ARTIFACTS) && dotnet clean Jobs.sln $(DOTNET_FLAGS) >/dev/null

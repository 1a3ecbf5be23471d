namespace ClusterTrust.Manifests.Tests.Scripts;

/// <summary>
/// A test of the scripts in a copy of them and the manifests, with stubs of the command lines of clouds and clusters: they record what
/// was created, and how they were called.
/// </summary>
public abstract class ScriptTest : IDisposable
{
    private protected const string Digest = "sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

    /// <summary>The values that configure.sh prompts for.</summary>
    private protected static readonly (string, string)[] Names =
        [("OWNER", "Acme"), ("REPOSITORY", "issuer"), ("CLUSTER_NAME", "prod-1"), ("VAULT", "acme-vault"), ("RESOURCE_GROUP", "rg"), ("NAMESPACES", "shop,blog")];

    /// <summary>The values that the setup scripts for clouds require.</summary>
    private protected static readonly (string, string)[] Setup =
    [
        ("RESOURCE_GROUP", "rg"), ("VAULT", "vault"), ("REPOSITORY", "Owner/repo"), ("ISSUER", "https://owner.github.io/repo"),
        ("PARAMETERS", "clustertrust/*"), ("STORAGE_ACCOUNT", "account"),
    ];

    private static readonly Dictionary<string, string> Answers = new()
    {
        ["az"] = """
              "group exists"*) made group && echo true || echo false ;;
              "group create"*) make group ;;
              "keyvault show --resource-group "*) made vault && echo /subscriptions/s/vaults/v || exit 3 ;;
              "keyvault list --resource-type vault "*) ;;
              "keyvault create"*) make vault ;;
              "identity show"*) made identity && echo 11111111-1111-1111-1111-111111111111 || exit 3 ;;
              "identity create"*) make identity ;;
              "role assignment list"*) ! made role || echo the-assignment ;;
              "role assignment create"*) make role ;;
              "identity federated-credential list"*) made trust && echo the-trust || exit 3 ;;
              "identity federated-credential create"*) make trust ;;
              "storage account show"*) made account && echo /subscriptions/s/accounts/a || exit 3 ;;
              "storage account create"*) make account ;;
              "storage queue exists"*) made queue && echo true || echo false ;;
              "storage queue create"*) make queue ;;
              "eventgrid event-subscription show"*) made subscription && echo the-subscription || exit 3 ;;
              "eventgrid event-subscription create"*) make subscription ;;
              "account show"*) printf '%s\n' 22222222-2222-2222-2222-222222222222 33333333-3333-3333-3333-333333333333 'Acme test' ;;
            """,
        ["aws"] = """
              "sts get-caller-identity"*) echo 123456789012 ;;
              "iam get-open-id-connect-provider"*) made provider || missing 254 'An error occurred (NoSuchEntity) when calling the operation' ;;
              "iam create-open-id-connect-provider"*) make provider ;;
              "iam get-role --role-name"*) made role || missing 254 'An error occurred (NoSuchEntity) when calling the operation' ;;
              "iam create-role"*) make role ;;
              "iam get-role-policy"*) made policy || missing 254 'An error occurred (NoSuchEntity) when calling the operation' ;;
              "iam put-role-policy"*) make policy ;;
            """,
        ["gh"] = """
              "repo create"*) make repository ;;
              "api repos/"*/pages) made pages || missing 1 'gh: Not Found (HTTP 404)' ;;
              "api repos/"*/rulesets*) ! made rules || echo clustertrust ;;
              "api --method POST repos/"*/pages*) make pages ;;
              "api --method POST repos/"*/rulesets*) make rules ;;
              "api repos/"*) made repository || missing 1 'gh: Not Found (HTTP 404)' ;;
              "repo deploy-key list"*) ! made key || cut -d ' ' -f 1,2 my-cluster/deploy-key.pub ;;
              "repo deploy-key add my-cluster/deploy-key.pub "*"--allow-write") make key ;;
            """,
        ["kubectl"] = """
              "config current-context") echo k3d-prod-1 ;;
              "kustomize my-cluster") exec '{Real}' "$@" ;;
              "apply -k my-cluster"|"apply -f my-cluster/namespaces.yaml") ;;
              "get --filename - "*) cat >/dev/null ;;
              "get namespace "*" --ignore-not-found --output "*) ! made "namespace-$3" || echo "namespace/$3" ;;
              "create namespace "*) make "namespace-$3" ;;
              "get secret "*" --ignore-not-found --output name") ! made secret || echo "secret/$3" ;;
              "create secret "*--from-file=*=my-cluster/*) [ -s "${!##*=*=}" ] && make secret ;;
              "delete job "*) ;;
              "create job "*) make "$3" ;;
              "get job/"*) echo "$2" ;;
              "wait --for=condition=complete job/"*) made "${3#job/}" ;;
              "get pods"*) echo done ;;
            """.Replace("{Real}", Tools.Find("kubectl", "kubernetes-client"), StringComparison.Ordinal),
        ["docker"] = $"""
              info) ;;
              build*) ;;
              push*) echo "latest: digest: {Digest} size: 1234" ;;
              save*) touch "$3" ;;
            """,
        ["k3d"] = """
              "cluster create --config my-cluster/k3d.yaml") [ -f my-cluster/k3d.yaml ] ;;
              "image import "*) [ -f "$3" ] ;;
            """,
        ["kind"] = """
              "load image-archive "*) [ -f "$3" ] ;;
            """,
    };

    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly TemporaryFolder _folder = new("clustertrust-clouds-");

    private protected ScriptTest()
    {
        Workspace.Copy(Repository, "manifests", "kustomize", "scripts", "Makefile", "Dockerfile.oidc", "Dockerfile.certsync", "Directory.Build.props");
        _folder.WritePrograms("bin", Answers.Keys.Select(tool => (tool, Stub(tool, ""))), Executable);
    }

    private protected string Repository => _folder.Combine("repository");

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Adds a stub of a program, or replaces its responses.</summary>
    /// <param name="answers">Cases of a shell script over all arguments; <c>made NAME</c> tests whether NAME was created, <c>make NAME</c> creates it, <c>missing CODE MESSAGE</c> fails.</param>
    private protected void Add(string tool, string answers) => _folder.Write($"bin/{tool}", Stub(tool, answers), Executable);

    /// <summary>Runs a command line in the copy of the repository.</summary>
    private protected async Task<(Output Output, string Calls)> RunAsync(string command, params (string Name, string Value)[] environment)
    {
        var calls = _folder.Write("calls", "");
        await using var runner = new BinaryRunner("/bin/bash") { WorkingDirectory = Repository };
        runner.Environment["PATH"] = $"{_folder.Combine("bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        Array.ForEach(environment, one => runner.Environment[one.Name] = one.Value);
        return (await runner.RunAsync("-c", command), await File.ReadAllTextAsync(calls));
    }

    /// <summary>Runs a command line, which must succeed.</summary>
    private protected async Task<(string Printed, string Calls)> SucceedAsync(string command, params (string, string)[] environment)
    {
        var (output, calls) = await RunAsync(command, environment);
        return (output.OrThrow().StandardOutput, calls);
    }

    /// <summary>Runs a command line, which must end with this exit code and this text in its error.</summary>
    /// <returns>How it called the programs.</returns>
    private protected async Task<string> FailAsync(int exitCode, string text, string command, params (string, string)[] environment)
    {
        var (output, calls) = await RunAsync(command, environment);
        Assert.True(output.ExitCode == exitCode && output.StandardError.Contains(text, StringComparison.Ordinal), $"Exit code {exitCode} and '{text}' were expected. {output}");
        return calls;
    }

    /// <summary>Creates <c>my-cluster</c>, with a deploy key.</summary>
    private protected async Task ConfigureAsync(params (string, string)[] more)
    {
        await SucceedAsync("scripts/configure.sh", [.. Names, .. more]);
        Write("deploy-key", "of this test");
    }

    private protected string PathOf(string file) => Path.Combine(Repository, "my-cluster", file);

    private protected string Read(string file) => File.ReadAllText(PathOf(file));

    private protected void Write(string file, string text) => _folder.Write($"repository/my-cluster/{file}", text);

    private protected void Edit(string file, string before, string after) => Write(file, Read(file).Replace(before, after, StringComparison.Ordinal));

    private protected Rendered Render() => new("my-cluster", YamlText.Read(Kustomize.Build(PathOf(""))));

    /// <summary>The settings of a job in the rendered overlay.</summary>
    private protected Dictionary<string, string> SettingsOf(string job, Rendered? rendered = null) => (rendered ?? Render()).OfKind("ConfigMap")
        .Single(one => one["metadata"].Text("name")!.Contains($"{job}-settings", StringComparison.Ordinal))["data"]!.AsObject().ToDictionary(static entry => entry.Key, static entry => entry.Value.Text()!);

    private string Stub(string tool, string answers) => $$"""
        #!/bin/bash
        echo "{{tool}} $*" >>'{{_folder.Combine("calls")}}'
        make() { touch "{{_folder.Path}}/made-$1"; }
        missing() { echo "$2" >&2; exit "$1"; }
        made() { [ -f "{{_folder.Path}}/made-$1" ]; }
        case "$*" in
        {{answers}}
        {{Answers.GetValueOrDefault(tool)}}
          *) echo "unexpected: $*" >&2; exit 99 ;;
        esac

        """;
}

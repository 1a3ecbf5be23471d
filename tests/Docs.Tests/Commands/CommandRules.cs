using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;

namespace ClusterTrust.Docs.Tests.Commands;

/// <summary>Reports what is wrong with a command, as far as that can be known without a server.</summary>
internal sealed partial class CommandRules : IDisposable
{
    private const string Omitted = "…";

    /// <summary>Other programs: the commands of theirs that pages use, or none where a program has no commands. A new one is added here.</summary>
    private static readonly Dictionary<string, string[]> Others = new(StringComparer.Ordinal)
    {
        ["aws"] = ["eks", "iam", "sts"],
        ["az"] = ["ad", "aks", "eventgrid", "group", "identity", "keyvault", "login", "role", "storage"],
        ["cosign"] = ["verify", "verify-attestation", "verify-blob"],
        ["curl"] = [],
        ["date"] = [],
        ["diff"] = [],
        ["docker"] = ["build", "info", "push", "save"],
        ["dotnet"] = ["build", "format", "restore", "test"],
        ["gh"] = ["api", "attestation", "gpg-key", "repo"],
        ["git"] = ["clone", "commit", "fsck", "push", "verify-commit"],
        ["gpg"] = [],
        ["helm"] = ["install", "upgrade"],
        ["jq"] = [],
        ["k3d"] = ["cluster", "image"],
        ["kind"] = ["create", "load"],
        ["openssl"] = ["rand", "req", "x509"],
        ["rm"] = [],
        ["sed"] = [],
        ["sha256sum"] = [],
        ["vault"] = ["auth", "write"],
    };

    private static readonly Dictionary<string, JobApplication> Jobs = new(StringComparer.Ordinal)
    {
        ["oidc"] = WithoutWork(OidcCommands.Application),
        ["certsync"] = WithoutWork(CertSyncCommands.Application),
    };

    /// <summary>What kubectl says of a command, which several pages may have; one's own folder is the same for it by any name.</summary>
    private static readonly ConcurrentDictionary<(string, bool), Task<string?>> KubectlFaults = new();

    /// <summary>What a command needs and a page need not repeat.</summary>
    private static readonly Dictionary<string, string> Required = new()
    {
        ["OIDC_REPOSITORY"] = "owner/repo",
        ["OIDC_CLOUD"] = "azure",
        ["OIDC_SUBJECT"] = "system:serviceaccount:shop:reader",
        ["CERTSYNC_VAULT"] = "my-vault",
        ["CERTSYNC_CLUSTER"] = "prod-1",
    };

    /// <summary>Flags that pages mention and that belong to other programs.</summary>
    private static readonly HashSet<string> FlagsOfOthers =
    [
        "--enable-oidc-issuer", "--enable-workload-identity", "--help", "--service-account-issuer", "--service-account-jwks-uri", "--service-account-key-file",
        "--service-account-signing-endpoint", "--service-account-signing-key-file", "--storage-queue-msg-ttl", "--subject-begins-with", "--version",
    ];

    private static readonly string Makefile = Read("Makefile");
    private readonly TemporaryFolder _folder = new("clustertrust-commands-");

    /// <summary>Programs that pages call by a path.</summary>
    public static IReadOnlyList<string> Programs { get; } =
    [
        ".ci/run", .. Jobs.Keys.Select(static job => $"artifacts/{job}/{job}"),
        .. Directory.GetFiles(Path.Combine(Repository.Root, "scripts")).Select(static path => "scripts/" + Path.GetFileName(path)),
    ];

    /// <summary>Whether code within a sentence is a command, and not a name or a value.</summary>
    public static bool IsCommand(string code)
    {
        var words = code.Split(' ', StringSplitOptions.RemoveEmptyEntries).SkipWhile(static word => Assignment().IsMatch(word)).ToArray();
        return words.Length > 1 && (Jobs.ContainsKey(words[0]) || Others.ContainsKey(words[0]) || Programs.Contains(words[0])
            || words[0] is "make" or "kubectl" or "kustomize" or "source");
    }

    /// <summary>What is wrong with a flag, a variable or a script that is mentioned within a sentence.</summary>
    public static IEnumerable<string> MentionFaults(string code)
    {
        var settings = Jobs.Values.SelectMany(static job => job.AllSettings().Select(setting => (setting, job.EnvironmentPrefix))).ToArray();
        foreach (var flag in code.StartsWith("--", StringComparison.Ordinal) ? Flag().Matches(code).Select(static match => match.Value) : [])
        {
            if (!FlagsOfOthers.Contains(flag) && !settings.Any(one => one.setting.Flag == flag && !one.setting.IsSecret))
            {
                yield return $"`{code}`: {flag} is not a flag of oidc or certsync";
            }
        }

        foreach (var name in Variable().Matches(code).Select(static match => match.Value))
        {
            if (!settings.Any(one => one.setting.EnvironmentName(one.EnvironmentPrefix) == name))
            {
                yield return $"`{code}`: {name} is not a variable of oidc or certsync";
            }
        }

        if (ScriptName().IsMatch(code) && !Directory.GetFiles(Repository.Root, Path.GetFileName(code), SearchOption.AllDirectories).Any(static path => path.Contains("scripts/", StringComparison.Ordinal)))
        {
            yield return $"`{code}`: there is no such script";
        }
    }

    /// <summary>What is wrong with a command; null when nothing is.</summary>
    /// <param name="words">The variables that it is given, the program, the arguments.</param>
    /// <param name="inSentence">Whether it stands in a sentence, where arguments may be left out at the end.</param>
    public async Task<string?> FaultAsync(string[] words, bool inSentence)
    {
        var given = words.TakeWhile(static word => Assignment().IsMatch(word)).ToArray();
        var (program, arguments) = (words[given.Length], words[(given.Length + 1)..]);
        var fault = program switch
        {
            "make" => MakeFault([.. arguments, .. given]),
            "kubectl" => await KubectlFaults.GetOrAdd(
                (string.Join('\0', arguments.Select(static one => one.StartsWith("my-", StringComparison.Ordinal) ? "my" : one)), inSentence), _ => KubectlFaultAsync(arguments, inSentence)),
            _ when Jobs.TryGetValue(Path.GetFileName(program), out var job) => await JobFaultAsync(job, arguments),
            _ when Programs.Contains(program) => ScriptFault(program, arguments),
            _ when !Others.ContainsKey(program) => $"the program {program} is not known to this test",
            _ => Others[program] is { Length: > 0 } commands && !commands.Contains(arguments.FirstOrDefault()) ? $"the command {arguments.FirstOrDefault()} is not known to this test" : null,
        };
        return fault is null ? null : $"{string.Join(' ', words)}: {fault}";
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>The application as it is, with jobs that do nothing: a run reads and validates every setting.</summary>
    private static JobApplication WithoutWork(JobApplication application) => application with
    {
        Commands = [.. application.Commands.Select(static command => command with { Configure = static (services, _) => services.AddSingleton<IJob, NoWork>() })],
    };

    private async Task<string?> JobFaultAsync(JobApplication job, string[] arguments)
    {
        // COMMAND is any command; a placeholder in capitals is read as a value.
        var file = _folder.Write("file", "{}");
        var files = job.AllSettings().Where(static setting => setting.Placeholder == "FILE").Select(static setting => setting.Flag).ToArray();
        var read = arguments.SkipWhile(static argument => argument == "COMMAND")
            .Select((argument, i) => argument.StartsWith('-') ? argument : i > 0 && files.Contains(arguments[i - 1]) ? file : argument.ToLowerInvariant())
            .Concat(arguments.Contains(Omitted) ? ["--help"] : []);
        await using var errors = new StringWriter();
        var exitCode = await job.RunAsync([.. read], new()
        {
            Variables = Required,
            Output = TextWriter.Null,
            Error = errors,
            ConfigDirectory = _folder.Path,
            TerminationLog = _folder.Combine("none"),
            ListenForStop = static _ => new StringReader(""),
        });
        return exitCode == 0 ? null : errors.ToString().Trim();
    }

    private static string? MakeFault(string[] arguments)
    {
        var (variables, targets) = (arguments.Where(static one => one.Contains('=')).ToArray(), arguments.Where(static one => !one.Contains('=')).ToArray());
        if (targets.FirstOrDefault(static target => !RecipeOf(target).Success) is { } unknown)
        {
            return $"the Makefile has no target {unknown}";
        }

        var texts = targets.SelectMany(static target => TextsOf(RecipeOf(target).Value, [])).Append(string.Join('\n', Defaults().Matches(Makefile).Select(static match => match.Value)));
        return variables.Select(static one => one.Split('=')[0]).FirstOrDefault(name => !texts.Any(text => Regex.IsMatch(text, $@"\b{name}\b"))) is { } unread
            ? $"neither the target nor its scripts read {unread}"
            : null;
    }

    private static Match RecipeOf(string target) => Regex.Match(Makefile, $@"^{Regex.Escape(target)}:.*\n(?:\t.*\n)+", RegexOptions.Multiline);

    /// <summary>A recipe, and the scripts that it runs, and theirs.</summary>
    private static IEnumerable<string> TextsOf(string text, HashSet<string> seen) => ScriptPath().Matches(text).Select(static match => match.Value).Where(seen.Add)
        .SelectMany(script => TextsOf(Comment().Replace(Read(script), ""), seen)).Prepend(text);

    private static string? ScriptFault(string script, string[] arguments) =>
        arguments.FirstOrDefault(argument => !Read(script).Contains(argument.Split('=')[0], StringComparison.Ordinal)) is { } unknown ? $"{script} does not know {unknown}" : null;

    /// <summary>
    /// kubectl itself reads its command line, and then fails to reach the server 127.0.0.1:1: whatever it objects to before is a fault.
    /// One's own folder, which is not there, is replaced by an overlay, and a file in it by a manifest.
    /// </summary>
    private async Task<string?> KubectlFaultAsync(string[] arguments, bool inSentence)
    {
        var contexts = string.Concat(arguments.Where((_, i) => i > 0 && arguments[i - 1] == "--context").Append("here")
            .Select(static name => $"- name: {name}\n  context: {{cluster: here}}\n"));
        var kubeconfig = _folder.Write("kubeconfig", $"apiVersion: v1\nkind: Config\ncurrent-context: here\nclusters:\n- name: here\n  cluster: {{server: 'http://127.0.0.1:1'}}\ncontexts:\n{contexts}");
        var file = _folder.Write("file", "{}");
        var read = arguments.Select((argument, i) => (i > 0 ? arguments[i - 1] : "", argument) switch
        {
            ("-k", ['m', 'y', '-', ..]) => "kustomize/overlays/self-managed",
            ("-f", ['m', 'y', '-', ..]) => "manifests/namespace/namespace.yaml",
            ("--kubeconfig", _) => kubeconfig,
            _ => FromFile().Replace(argument, $"$1{file}"),
        });
        await using var kubectl = new BinaryRunner(Tools.Find("kubectl", "kubernetes-client")) { WorkingDirectory = Repository.Root };
        kubectl.Environment["KUBECONFIG"] = kubeconfig;
        var output = await kubectl.RunAsync(read, timeout: TimeSpan.FromMinutes(5));
        return output.ExitCode == 0 || output.StandardError.Contains("127.0.0.1:1", StringComparison.Ordinal) || (inSentence && Incomplete().IsMatch(output.StandardError))
            ? null
            : output.StandardError.Trim();
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));

    private sealed class NoWork : IJob
    {
        public Task<JobResult> RunAsync(CancellationToken stopping) => Task.FromResult(JobResult.Done("read"));
    }

    [GeneratedRegex(@"^[A-Z][A-Z_0-9]*=")]
    private static partial Regex Assignment();

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z-]*")]
    private static partial Regex Flag();

    [GeneratedRegex(@"\b(?:OIDC|CERTSYNC)_[A-Z_]*[A-Z]\b")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^[\w/-]+\.sh$")]
    private static partial Regex ScriptName();

    [GeneratedRegex(@"^[A-Z]+ *[?:]?=.*$", RegexOptions.Multiline)]
    private static partial Regex Defaults();

    [GeneratedRegex(@"scripts/[\w-]+\.sh")]
    private static partial Regex ScriptPath();

    [GeneratedRegex(@"^\s*#.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^(--from-file=(?:[\w.-]+=)?).+$")]
    private static partial Regex FromFile();

    /// <summary>What kubectl answers where only arguments are missing.</summary>
    [GeneratedRegex("flag needs an argument|must specify one of -f and -k|exactly one NAME is required")]
    private static partial Regex Incomplete();
}

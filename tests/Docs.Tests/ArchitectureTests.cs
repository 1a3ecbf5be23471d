using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Extensions;
using ArchUnitNET.Loader;

namespace ClusterTrust.Docs.Tests;

/// <summary>Checks the structure in CONTRIBUTING.md: which namespaces may use which, and that the pure ones do no I/O.</summary>
public sealed class ArchitectureTests
{
    private const string Oidc = "ClusterTrust.Oidc";
    private const string CertSync = "ClusterTrust.CertSync";
    private const string Shared = "ClusterTrust";

    /// <summary>Files, network, processes, clocks, logs and the environment.</summary>
    private static readonly string[] Impure =
    [
        "System.IO.File", "System.IO.FileInfo", "System.IO.FileStream", "System.IO.Directory", "System.Net.Http", "System.Net.Sockets",
        "System.Diagnostics.Process", "System.TimeProvider", "System.Environment", "Microsoft.Extensions.Logging", "ClusterTrust.Kubernetes", "ClusterTrust.Telemetry",
        "Azure.", "Octokit", "LibGit2Sharp", "Renci.",
    ];

    private static readonly Architecture Code = new ArchLoader()
        .LoadAssemblies(System.Reflection.Assembly.Load("oidc"), System.Reflection.Assembly.Load("certsync"), System.Reflection.Assembly.Load("ClusterTrust.Shared"))
        .Build();

    /// <summary>The namespaces directly below the job's or shared's own, or at every depth.</summary>
    [Theory]
    [InlineData(Oidc, 1)]
    [InlineData(CertSync, 1)]
    [InlineData(Shared, 1)]
    [InlineData(Oidc, int.MaxValue)]
    [InlineData(CertSync, int.MaxValue)]
    [InlineData(Shared, int.MaxValue)]
    public void No_namespaces_use_each_other_in_a_cycle(string above, int depth)
    {
        var uses = Code.Types
            .Where(type => above != Shared || type.Assembly.Name.StartsWith("ClusterTrust.Shared", StringComparison.Ordinal))
            .SelectMany(type => type.GetTypeDependencies().Select(target => new Use(NamespaceOf(type, above, depth), NamespaceOf(target, above, depth), $"{type.FullName} uses {target.FullName}")))
            .Where(static use => use is { From: not null, To: not null } && !IsWithin(use.From, use.To) && !IsWithin(use.To, use.From))
            .DistinctBy(static use => (use.From, use.To))
            .ToArray();
        Assert.NotEmpty(uses);
        Assert.Empty(InCycles(uses).Select(static use => use.Sentence).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(Oidc)]
    [InlineData(CertSync)]
    public void No_namespace_uses_the_composing_types_of_its_job(string job) =>
        AssertNone(InNamespace(job).Where(type => NamespaceOf(type, job) != ""), target => NamespaceOf(target, job) == "");

    [Theory]
    [InlineData(Oidc + ".Issuer")]
    [InlineData(Oidc + ".Site")]
    [InlineData(Oidc + ".Rotation")]
    [InlineData(Oidc + ".Trust")]
    [InlineData(CertSync + ".Certificates")]
    [InlineData(CertSync + ".Planning")]
    [InlineData(CertSync + ".Serving")]
    [InlineData("ClusterTrust.Text")]
    public void A_pure_namespace_does_no_IO_and_takes_no_clock_and_no_logger(string ns) =>
        AssertNone(InNamespace(ns), static target => Impure.Any(name => target.FullName == name || target.FullName.StartsWith(name.TrimEnd('.') + ".", StringComparison.Ordinal)));

    /// <summary>Both reference shared, which can therefore not reference them.</summary>
    [Theory]
    [InlineData(Oidc, CertSync)]
    [InlineData(CertSync, Oidc)]
    public void The_jobs_do_not_use_each_other(string job, string other) => AssertNone(InNamespace(job), target => target.FullName.StartsWith(other, StringComparison.Ordinal));

    /// <summary>The first parts of a type's namespace below another one; empty when it is that one, null when it is elsewhere.</summary>
    private static string? NamespaceOf(IType type, string above, int depth = 1) => type.Namespace?.FullName switch
    {
        { } name when name == above => "",
        { } name when name.StartsWith(above + ".", StringComparison.Ordinal) => string.Join('.', name[(above.Length + 1)..].Split('.').Take(depth)),
        _ => null,
    };

    /// <summary>A namespace may use the ones below it, and they may use it.</summary>
    private static bool IsWithin(string ns, string other) => $"{ns}.".StartsWith($"{other}.", StringComparison.Ordinal);

    private static IType[] InNamespace(string name)
    {
        var types = Code.Types.Where(type => $"{type.Namespace?.FullName}.".StartsWith($"{name}.", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(types);
        return types;
    }

    private static void AssertNone(IEnumerable<IType> types, Func<IType, bool> isForbidden) => Assert.Empty(types
        .SelectMany(type => type.GetTypeDependencies().Where(isForbidden).Select(target => $"{type.FullName} uses {target.FullName}"))
        .Distinct()
        .Order(StringComparer.Ordinal));

    /// <summary>The uses in a cycle: a namespace that uses nothing is in none, nor is one that uses only such namespaces.</summary>
    private static Use[] InCycles(Use[] uses)
    {
        var remaining = uses.Where(use => uses.Any(next => next.From == use.To)).ToArray();
        return remaining.Length == uses.Length ? remaining : InCycles(remaining);
    }

    private sealed record Use(string? From, string? To, string Sentence);
}

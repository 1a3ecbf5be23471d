using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Extensions;
using ArchUnitNET.Loader;

namespace ClusterTrust.Docs.Tests;

/// <summary>Holds the code to the map that README.md draws: which room may use which, and what a pure room may touch.</summary>
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

    [Theory]
    [InlineData(Oidc)]
    [InlineData(CertSync)]
    [InlineData(Shared)]
    public void No_two_rooms_use_each_other(string rooms)
    {
        var uses = Code.Types
            .Where(type => rooms != Shared || type.Assembly.Name.StartsWith("ClusterTrust.Shared", StringComparison.Ordinal))
            .SelectMany(type => type.GetTypeDependencies().Select(target => (From: RoomOf(type, rooms), To: RoomOf(target, rooms), Sentence: $"{type.FullName} uses {target.FullName}")))
            .Where(static use => use.From is not null && use.To is not null && use.From != use.To)
            .ToLookup(static use => (use.From, use.To), static use => use.Sentence);

        Assert.NotEmpty(uses);
        Assert.Empty(uses.Where(use => uses.Contains((use.Key.To, use.Key.From))).Select(static use => use.First()).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(Oidc)]
    [InlineData(CertSync)]
    public void No_room_uses_what_strings_the_rooms_together(string job) =>
        AssertNone(InRoom(job).Where(type => RoomOf(type, job) != ""), target => RoomOf(target, job) == "");

    [Theory]
    [InlineData(Oidc + ".Issuer")]
    [InlineData(Oidc + ".Site")]
    [InlineData(Oidc + ".Trust")]
    [InlineData(CertSync + ".Certificates")]
    [InlineData(CertSync + ".Planning")]
    [InlineData(CertSync + ".Serving")]
    [InlineData("ClusterTrust.Text", "System.IO.FileStream")] // Reads a whole file, and only that, so that a key is never copied into memory that is not wiped.
    public void A_pure_room_does_no_IO_and_takes_no_clock_and_no_logger(string room, string? allowed = null) =>
        AssertNone(InRoom(room), target => target.FullName != allowed && Impure.Any(name => target.FullName == name || target.FullName.StartsWith(name.TrimEnd('.') + ".", StringComparison.Ordinal)));

    [Fact]
    public void The_jobs_do_not_use_each_other_and_shared_uses_neither()
    {
        AssertNone(InRoom(Oidc), static target => target.FullName.StartsWith(CertSync, StringComparison.Ordinal));
        AssertNone(InRoom(CertSync), static target => target.FullName.StartsWith(Oidc, StringComparison.Ordinal));
        AssertNone(
            Code.Types.Where(static type => type.Assembly.Name.StartsWith("ClusterTrust.Shared", StringComparison.Ordinal)),
            static target => target.FullName.StartsWith(Oidc, StringComparison.Ordinal) || target.FullName.StartsWith(CertSync, StringComparison.Ordinal));
    }

    /// <summary>The first part of a type's namespace below another one; empty when it is that one, null when it is elsewhere.</summary>
    private static string? RoomOf(IType type, string above) => type.Namespace?.FullName switch
    {
        { } name when name == above => "",
        { } name when name.StartsWith(above + ".", StringComparison.Ordinal) => name[(above.Length + 1)..].Split('.')[0],
        _ => null,
    };

    private static IType[] InRoom(string name)
    {
        var types = Code.Types.Where(type => $"{type.Namespace?.FullName}.".StartsWith($"{name}.", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(types);
        return types;
    }

    private static void AssertNone(IEnumerable<IType> types, Func<IType, bool> isForbidden) => Assert.Empty(types
        .SelectMany(type => type.GetTypeDependencies().Where(isForbidden).Select(target => $"{type.FullName} uses {target.FullName}"))
        .Distinct()
        .Order(StringComparer.Ordinal));
}

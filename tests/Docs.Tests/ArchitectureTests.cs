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

    /// <summary>Rooms are the namespaces directly below the job's or shared's own, and each namespace below these is a room in a room.</summary>
    [Theory]
    [InlineData(Oidc, 1)]
    [InlineData(CertSync, 1)]
    [InlineData(Shared, 1)]
    [InlineData(Oidc, int.MaxValue)]
    [InlineData(CertSync, int.MaxValue)]
    [InlineData(Shared, int.MaxValue)]
    public void No_rooms_use_each_other_in_a_circle(string above, int depth)
    {
        var uses = Code.Types
            .Where(type => above != Shared || type.Assembly.Name.StartsWith("ClusterTrust.Shared", StringComparison.Ordinal))
            .SelectMany(type => type.GetTypeDependencies().Select(target => new Use(RoomOf(type, above, depth), RoomOf(target, above, depth), $"{type.FullName} uses {target.FullName}")))
            .Where(static use => use is { From: not null, To: not null } && !IsWithin(use.From, use.To) && !IsWithin(use.To, use.From))
            .DistinctBy(static use => (use.From, use.To))
            .ToArray();
        Assert.NotEmpty(uses);
        Assert.Empty(InCircles(uses).Select(static use => use.Sentence).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(Oidc)]
    [InlineData(CertSync)]
    public void No_room_uses_what_strings_the_rooms_together(string job) =>
        AssertNone(InRoom(job).Where(type => RoomOf(type, job) != ""), target => RoomOf(target, job) == "");

    [Theory]
    [InlineData(Oidc + ".Issuer")]
    [InlineData(Oidc + ".Site")]
    [InlineData(Oidc + ".Rotation")]
    [InlineData(Oidc + ".Trust")]
    [InlineData(CertSync + ".Certificates")]
    [InlineData(CertSync + ".Planning")]
    [InlineData(CertSync + ".Serving")]
    [InlineData("ClusterTrust.Text")]
    public void A_pure_room_does_no_IO_and_takes_no_clock_and_no_logger(string room) =>
        AssertNone(InRoom(room), static target => Impure.Any(name => target.FullName == name || target.FullName.StartsWith(name.TrimEnd('.') + ".", StringComparison.Ordinal)));

    /// <summary>Both reference shared, which can therefore not reference them.</summary>
    [Theory]
    [InlineData(Oidc, CertSync)]
    [InlineData(CertSync, Oidc)]
    public void The_jobs_do_not_use_each_other(string job, string other) => AssertNone(InRoom(job), target => target.FullName.StartsWith(other, StringComparison.Ordinal));

    /// <summary>The first parts of a type's namespace below another one; empty when it is that one, null when it is elsewhere.</summary>
    private static string? RoomOf(IType type, string above, int depth = 1) => type.Namespace?.FullName switch
    {
        { } name when name == above => "",
        { } name when name.StartsWith(above + ".", StringComparison.Ordinal) => string.Join('.', name[(above.Length + 1)..].Split('.').Take(depth)),
        _ => null,
    };

    /// <summary>A namespace and the ones below it are one room to each other.</summary>
    private static bool IsWithin(string room, string other) => $"{room}.".StartsWith($"{other}.", StringComparison.Ordinal);

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

    /// <summary>The uses that lead into a circle: what uses nothing is in none, nor is what uses only such rooms.</summary>
    private static Use[] InCircles(Use[] uses)
    {
        var left = uses.Where(use => uses.Any(next => next.From == use.To)).ToArray();
        return left.Length == uses.Length ? left : InCircles(left);
    }

    private sealed record Use(string? From, string? To, string Sentence);
}

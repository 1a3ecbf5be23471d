using System.Reflection;

namespace ClusterTrust.Docs.Tests;

/// <summary>
/// Holds the lists of <c>make order</c> to the code. The native compiler passes over what a list names in vain, so that one which is out
/// of date would cost memory and nobody would see it.
/// </summary>
public sealed class OrderFileTests
{
    [Theory]
    [InlineData("oidc")]
    [InlineData("certsync")]
    public void Most_of_our_types_that_a_list_names_are_there(string job)
    {
        // As the compiler writes names: assembly, namespace and type, with an underscore for what is no letter or digit.
        var types = new[] { Assembly.Load(job), Assembly.Load("ClusterTrust.Shared") }
            .SelectMany(static assembly => assembly.GetTypes().Where(static type => !type.IsNested && type.Namespace is not null)
                .Select(type => Mangled($"{assembly.GetName().Name}_{type.Namespace}.{type.Name}")))
            .ToHashSet();
        var named = Lines(job).Where(line => line.StartsWith($"{job}_ClusterTrust_", StringComparison.Ordinal)
            || line.StartsWith("ClusterTrust_Shared_ClusterTrust_", StringComparison.Ordinal)).ToList();
        var known = named.Count(line => IsOf(types, line));

        Assert.True(named.Count > 300, $"{job}.order names {named.Count} of our methods: make it with 'make order'.");
        Assert.True(known >= named.Count * 9 / 10, $"Of the {named.Count} of our methods in {job}.order {named.Count - known} belong to types that are no more: make it anew with 'make order'.");
    }

    [Theory]
    [InlineData("oidc")]
    [InlineData("certsync")]
    public void A_list_names_each_method_once(string job)
    {
        var lines = Lines(job);
        Assert.Equal(lines.Length, lines.Distinct().Count());
        Assert.DoesNotContain(lines, string.IsNullOrWhiteSpace);
    }

    private static string[] Lines(string job) => File.ReadAllLines(Path.Combine(Repository.Root, "jobs", job, $"{job}.order"));

    // A method's name follows its type's after an underscore, and both have underscores of their own.
    private static bool IsOf(HashSet<string> types, string line) =>
        Enumerable.Range(0, line.Length).Any(end => line[end] == '_' && types.Contains(line[..end]));

    private static string Mangled(string name) => string.Concat(name.Select(static letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_'));
}

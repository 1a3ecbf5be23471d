using System.Globalization;

namespace ClusterTrust.Sandbox.Tests.Processes;

/// <summary>Looks at the machine's processes through /proc.</summary>
internal static class ProcessTree
{
    /// <summary>The living descendants of this process that bear a name, and all of theirs.</summary>
    public static IReadOnlyList<int> Descendants(string name)
    {
        var all = Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var id) ? Read(id) : null)
            .OfType<Status>()
            .Where(status => status.State != "Z")
            .ToLookup(status => status.Parent);
        IEnumerable<Status> WithAllBelow(Status status) => all[status.Id].SelectMany(WithAllBelow).Prepend(status);
        return [.. all[Environment.ProcessId].Where(status => status.Name == name).SelectMany(WithAllBelow).Select(status => status.Id)];
    }

    /// <summary>Whether a process is gone. A killed orphan stays a zombie until init reaps it, and counts as gone.</summary>
    public static bool IsDead(int id) => Read(id) is not { State: not "Z" };

    private static Status? Read(int id)
    {
        try
        {
            // "42 (name) S 1 ..."; the name may contain spaces and parentheses.
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var end = stat.LastIndexOf(')');
            var rest = stat[(end + 2)..].Split(' ');
            return new Status(id, stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..end], rest[0], int.Parse(rest[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private sealed record Status(int Id, string Name, string State, int Parent);
}

using System.Diagnostics.CodeAnalysis;
using System.IO.Enumeration;

namespace ClusterTrust.Oidc.Repository.Git.Ssh;

/// <summary>The entries of a known_hosts file for one host.</summary>
/// <param name="HasAuthority">Whether a certificate authority is listed for it; host certificates are not supported.</param>
/// <param name="Skipped">Its lines that cannot be used.</param>
internal sealed record HostKeys(IReadOnlyList<HostKey> Trusted, IReadOnlyList<HostKey> Revoked, bool HasAuthority, IReadOnlyList<KnownHostsLine> Skipped);

/// <summary>A line of a known_hosts file: <c>[MARKER] NAMES TYPE KEY</c>.</summary>
/// <param name="Text">The field with the key, which may be truncated or empty.</param>
/// <param name="Key">Null if the line cannot be used: it has another form, or its key is damaged or of a type that is not supported.</param>
internal sealed record KnownHostsLine(int Number, string Marker, string Names, string Type, string Text, HostKey? Key)
{
    private const string HashMagic = "|1|";

    /// <summary>Whether it cannot be used and revokes a key that could otherwise be trusted.</summary>
    public bool IsLostRevocation => Key is null && Marker == "@revoked" && (Text.Length == 0 || HostKey.IsSupported(Type));

    /// <param name="line">Neither empty nor a comment.</param>
    public static KnownHostsLine Parse(int number, string line)
    {
        var fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        string[] marked = fields[0][0] == '@' ? fields : ["", .. fields];
        var (marker, names, type, text) = (marked[0], Field(1), Field(2), Field(3));
        return new KnownHostsLine(number, marker, names, type, text, marker is "" or "@revoked" or "@cert-authority" ? HostKey.Parse(type, text) : null);

        string Field(int at) => marked.ElementAtOrDefault(at) ?? "";
    }

    /// <param name="name">In lower case.</param>
    public bool IsFor(string name)
    {
        if (Names.StartsWith(HashMagic, StringComparison.Ordinal))
        {
            return IsHashOf(name);
        }

        var patterns = Names.Split(',', StringSplitOptions.RemoveEmptyEntries).ToLookup(static pattern => pattern[0] == '!', static pattern => pattern.TrimStart('!'));
        return patterns[false].Any(Matches) && !patterns[true].Any(Matches);

        bool Matches(string pattern) => FileSystemName.MatchesSimpleExpression(pattern, name);
    }

    [SuppressMessage("Security", "CA5350", Justification = "The file format requires it; it hides names and proves nothing.")]
    private bool IsHashOf(string name)
    {
        var (salt, hash) = (new byte[Names.Length], new byte[Names.Length]);
        return Names[HashMagic.Length..].Split('|') is [var first, var second]
            && Convert.TryFromBase64String(first, salt, out var saltLength)
            && Convert.TryFromBase64String(second, hash, out var hashLength)
            && HMACSHA1.HashData(salt.AsSpan(0, saltLength), Encoding.UTF8.GetBytes(name)).AsSpan().SequenceEqual(hash.AsSpan(0, hashLength));
    }
}

/// <summary>
/// A known_hosts file (sshd(8)): plain, hashed and wildcard names, ports, <c>@revoked</c>, <c>@cert-authority</c>. As with OpenSSH, a
/// line that is damaged is skipped; here it is reported too, and refused if it revokes a key of the host.
/// </summary>
internal sealed class KnownHosts(IReadOnlyList<KnownHostsLine> lines)
{
    private const int DefaultPort = 22;

    /// <summary>The lines that cannot be used, without comments and empty lines.</summary>
    public IReadOnlyList<KnownHostsLine> Skipped => [.. lines.Where(static line => line.Key is null)];

    /// <summary>Parses a file; line ends may be those of Windows.</summary>
    public static KnownHosts Parse(string text) => new(
    [
        .. text.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.TrimEntries).Index().Where(static line => line.Item.Length > 0 && line.Item[0] != '#')
            .Select(static line => KnownHostsLine.Parse(line.Index + 1, line.Item)),
    ]);

    /// <summary>The entries for a host. A port other than 22 has entries of its own; without any, those of the host apply, as with ssh.</summary>
    public HostKeys Of(string host, int port)
    {
        KnownHostsLine[] own = port == DefaultPort ? [] : Matching($"[{host}]:{port}");
        var ofHost = Matching(host);
        KnownHostsLine[] all = [.. own.Union(ofHost)];
        return new HostKeys(
            Keys(own.Any(static line => line is { Marker: "", Key: not null }) ? own : ofHost, ""),
            // A key is revoked under any of the names.
            Keys(all, "@revoked"),
            Keys(all, "@cert-authority").Length > 0,
            [.. all.Where(static line => line.Key is null)]);
    }

    private static HostKey[] Keys(IEnumerable<KnownHostsLine> lines, string marker) => [.. lines.Where(line => line.Marker == marker).Select(static line => line.Key).OfType<HostKey>()];

    private KnownHostsLine[] Matching(string name) => [.. lines.Where(line => line.IsFor(name.ToLowerInvariant()))];
}

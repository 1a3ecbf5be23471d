using System.Diagnostics.CodeAnalysis;
using System.IO.Enumeration;
using System.Security.Cryptography;
using System.Text;

namespace ClusterTrust.Oidc.Repository.Git.Ssh;

/// <summary>What a known_hosts file says about one host.</summary>
/// <param name="HasAuthority">Whether a certificate authority is listed for it; host certificates are not supported.</param>
internal sealed record HostKeys(IReadOnlyList<HostKey> Trusted, IReadOnlyList<HostKey> Revoked, bool HasAuthority, IReadOnlyList<SkippedLine> Skipped);

/// <summary>A line of a known_hosts file that cannot be used.</summary>
/// <param name="Names">Its first field, the host names where the line is damaged behind them.</param>
/// <param name="Key">The field with the key, perhaps cut short; may be empty.</param>
/// <param name="Fault">Continues "line N".</param>
/// <param name="IsRevocation">Whether it revokes a key that could otherwise be trusted.</param>
internal sealed record SkippedLine(int Number, string Names, string Key, string Fault, bool IsRevocation)
{
    public override string ToString() => $"line {Number} {Fault}";
}

/// <summary>
/// A known_hosts file (sshd(8)): plain, hashed and wildcard names, ports, <c>@revoked</c>, <c>@cert-authority</c>. As with OpenSSH, a
/// line that is damaged is skipped; here it is reported too, and refused if it revokes a key of the host.
/// </summary>
internal sealed class KnownHosts
{
    private const int DefaultPort = 22;
    private const string HashMagic = "|1|";

    private readonly List<Line> _lines = [];
    private readonly List<SkippedLine> _skipped = [];

    private sealed record Line(string Marker, string Names, HostKey Key);

    /// <summary>The lines that cannot be used, without comments and empty lines.</summary>
    public IReadOnlyList<SkippedLine> Skipped => _skipped;

    public bool IsEmpty => _lines.Count == 0;

    /// <summary>Parses a file; line ends may be those of Windows.</summary>
    public static KnownHosts Parse(string text)
    {
        var hosts = new KnownHosts();
        var number = 0;
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.TrimEntries))
        {
            number++;
            if (line.Length > 0 && line[0] != '#')
            {
                hosts.Add(number, line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            }
        }

        return hosts;
    }

    /// <summary>What is known of a host. A port other than 22 has entries of its own, and where it has none the host's hold, as with ssh.</summary>
    public HostKeys Of(string host, int port)
    {
        string[] names = port == DefaultPort ? [host] : [$"[{host}]:{port}", host];
        var own = port == DefaultPort ? [] : Matching(names[0]).ToArray();
        var all = Matching(host).ToArray();
        return new HostKeys(
            Keys(own.Any(line => line.Marker.Length == 0) ? own : all, ""),
            // A key is revoked under any of the names.
            [.. Keys(own, "@revoked"), .. Keys(all, "@revoked")],
            own.Concat(all).Any(line => line.Marker == "@cert-authority"),
            [.. _skipped.Where(line => names.Any(name => Matches(line.Names, name.ToLowerInvariant())))]);
    }

    private static HostKey[] Keys(IEnumerable<Line> lines, string marker) => [.. lines.Where(line => line.Marker == marker).Select(line => line.Key)];

    private void Add(int number, string[] fields)
    {
        var marker = "";
        if (fields[0][0] == '@')
        {
            (marker, fields) = (fields[0], fields[1..]);
        }

        var names = fields.Length > 0 ? fields[0] : "";
        var (type, key) = (fields.Length > 1 ? fields[1] : "", fields.Length > 2 ? fields[2] : "");
        if (marker is ("" or "@revoked" or "@cert-authority") && HostKey.Parse(type, key) is { } parsed)
        {
            _lines.Add(new Line(marker, names, parsed));
            return;
        }

        var fault = (marker, type) switch
        {
            (not ("" or "@revoked" or "@cert-authority"), _) => "has a marker other than @revoked and @cert-authority",
            _ when HostKey.IsSupported(names) => "is a public key without the names of its host before it",
            _ when type.Length == 0 || key.Length == 0 => "is incomplete (a line is HOST TYPE KEY)",
            _ when HostKey.IsSupported(type) => "has a key that is damaged or cut short",
            _ => "has a key of a type that is not supported",
        };
        _skipped.Add(new SkippedLine(number, names, key, fault, marker == "@revoked" && (key.Length == 0 || HostKey.IsSupported(type))));
    }

    private IEnumerable<Line> Matching(string name) => _lines.Where(line => Matches(line.Names, name.ToLowerInvariant()));

    private static bool Matches(string names, string name)
    {
        if (names.StartsWith(HashMagic, StringComparison.Ordinal))
        {
            return MatchesHash(names, name);
        }

        var found = false;
        foreach (var pattern in names.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var negated = pattern[0] == '!';
            if (FileSystemName.MatchesSimpleExpression(negated ? pattern[1..] : pattern, name))
            {
                if (negated)
                {
                    return false;
                }

                found = true;
            }
        }

        return found;
    }

    [SuppressMessage("Security", "CA5350", Justification = "The file format asks for it; it hides names and proves nothing.")]
    private static bool MatchesHash(string hashed, string name)
    {
        var parts = hashed[HashMagic.Length..].Split('|');
        var salt = new byte[hashed.Length];
        var hash = new byte[hashed.Length];
        return parts.Length == 2
            && Convert.TryFromBase64String(parts[0], salt, out var saltLength)
            && Convert.TryFromBase64String(parts[1], hash, out var hashLength)
            && HMACSHA1.HashData(salt.AsSpan(0, saltLength), Encoding.UTF8.GetBytes(name)).AsSpan().SequenceEqual(hash.AsSpan(0, hashLength));
    }
}

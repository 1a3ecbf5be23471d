using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace ClusterTrust.Oidc.Repository.Git.Ssh;

/// <summary>A known_hosts file (sshd(8)): plain, hashed and wildcard names, ports, <c>@revoked</c>.</summary>
internal sealed class KnownHosts
{
    private const int DefaultPort = 22;
    private const string HashMagic = "|1|";

    private readonly List<Line> lines = [];

    private sealed record Line(string Marker, string Names, HostKey Key);

    /// <summary>Reads the file. Lines that are not understood are passed over, as ssh does it.</summary>
    public static KnownHosts Parse(string text)
    {
        var hosts = new KnownHosts();
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#'))
        {
            var fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            var marker = fields[0][0] == '@' ? fields[0] : "";
            if (marker.Length > 0)
            {
                fields = fields[1..];
            }

            if (fields.Length >= 3 && HostKey.Parse(fields[1], fields[2]) is { } key)
            {
                hosts.lines.Add(new Line(marker, fields[0], key));
            }
        }

        return hosts;
    }

    /// <summary>What is known of a host. A port other than 22 has entries of its own, and where it has none the host's hold, as with ssh.</summary>
    public HostKeys Of(string host, int port)
    {
        var own = port == DefaultPort ? [] : Matching($"[{host}]:{port}").ToArray();
        var all = Matching(host).ToArray();
        return new HostKeys(
            Keys(own.Any(line => line.Marker.Length == 0) ? own : all, ""),
            // Revoked is revoked, under whichever name.
            [.. Keys(own, "@revoked"), .. Keys(all, "@revoked")],
            own.Concat(all).Any(line => line.Marker == "@cert-authority"));
    }

    private static HostKey[] Keys(IEnumerable<Line> lines, string marker) => [.. lines.Where(line => line.Marker == marker).Select(line => line.Key)];

    private IEnumerable<Line> Matching(string name) => lines.Where(line => Matches(line.Names, name.ToLowerInvariant()));

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
            if (MatchesPattern(negated ? pattern.AsSpan(1) : pattern, name))
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

    /// <summary>Asterisk and question mark, as in ssh.</summary>
    private static bool MatchesPattern(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        var (p, n, star, retry) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, retry) = (p++, n);
            }
            else if (p < pattern.Length && (pattern[p] == '?' || char.ToLowerInvariant(pattern[p]) == name[n]))
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++retry;
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].IndexOfAnyExcept('*') < 0;
    }
}

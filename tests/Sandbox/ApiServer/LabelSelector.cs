using System.Text.RegularExpressions;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>A label selector: equality (<c>=</c>, <c>==</c>, <c>!=</c>), sets (<c>in</c>, <c>notin</c>) and existence (<c>key</c>, <c>!key</c>), joined by commas.</summary>
public sealed partial class LabelSelector
{
    private readonly IReadOnlyList<Func<IReadOnlyDictionary<string, string>, bool>> requirements;

    private LabelSelector(IReadOnlyList<Func<IReadOnlyDictionary<string, string>, bool>> requirements) => this.requirements = requirements;

    /// <summary>True when it selects everything.</summary>
    public bool IsEmpty => requirements.Count == 0;

    /// <summary>Parses a selector.</summary>
    /// <exception cref="StatusException">400: it cannot be read.</exception>
    public static LabelSelector Parse(string? text)
    {
        var requirements = new List<Func<IReadOnlyDictionary<string, string>, bool>>();
        var rest = (text ?? "").Trim();
        while (rest.Length > 0)
        {
            var match = Requirement().Match(rest);
            if (!match.Success)
            {
                throw new StatusException(ApiStatus.BadRequest($"unable to parse requirement: found '{rest}', expected: identifier, '!', 'in', 'notin', '=', '==' or '!='"));
            }

            requirements.Add(Read(match));
            rest = rest[match.Length..];
        }

        return new LabelSelector(requirements);
    }

    /// <summary>Whether an object with these labels is selected.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in requirements)
        {
            if (!requirement(labels))
            {
                return false;
            }
        }

        return true;
    }

    private static Func<IReadOnlyDictionary<string, string>, bool> Read(Match match)
    {
        var key = match.Groups["key"].Value;
        if (match.Groups["set"].Success)
        {
            HashSet<string> values = [.. match.Groups["values"].Value.Split(',').Select(static value => value.Trim())];

            // As with !=, an object without the label is not in the set.
            return match.Groups["set"].Value == "in"
                ? labels => labels.TryGetValue(key, out var value) && values.Contains(value)
                : labels => !labels.TryGetValue(key, out var value) || !values.Contains(value);
        }

        var wanted = match.Groups["value"].Value;
        return (match.Groups["not"].Success, match.Groups["operator"].Value) switch
        {
            (true, _) => labels => !labels.ContainsKey(key),
            (_, "") => labels => labels.ContainsKey(key),
            (_, "!=") => labels => !labels.TryGetValue(key, out var value) || value != wanted,
            _ => labels => labels.TryGetValue(key, out var value) && value == wanted,
        };
    }

    [GeneratedRegex("""
        ^(?: (?<not>!)\s*(?<key>[\w./-]+)
          | (?<key>[\w./-]+)\s+(?<set>in|notin)\s*\(\s*(?<values>[^()]*?)\s*\)
          | (?<key>[\w./-]+)\s*(?<operator>==|=|!=)\s*(?<value>[\w.-]*)
          | (?<key>[\w./-]+) )\s*(?:,\s*(?=\S)|$)
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Requirement();
}

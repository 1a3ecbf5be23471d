namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>A field selector: terms <c>field=value</c>, <c>field==value</c> and <c>field!=value</c>, joined by commas.</summary>
public sealed class FieldSelector
{
    private readonly IReadOnlyList<(string Field, bool Equal, string Value)> terms;

    private FieldSelector(IReadOnlyList<(string Field, bool Equal, string Value)> terms) => this.terms = terms;

    /// <summary>True when it selects everything.</summary>
    public bool IsEmpty => terms.Count == 0;

    /// <summary>Parses a selector for a type.</summary>
    /// <exception cref="StatusException">400: it cannot be read, or names a field the type does not offer.</exception>
    public static FieldSelector Parse(string? text, ResourceType type)
    {
        var selector = TryParse(text) ?? throw new StatusException(ApiStatus.BadRequest($"invalid selector: '{text}'; can't understand '{text}'"));
        foreach (var (field, _, _) in selector.terms)
        {
            if (field is not ("metadata.name" or "metadata.namespace") && !type.SelectableFields.Contains(field))
            {
                throw new StatusException(ApiStatus.BadRequest(type.SelectableFields.Count > 0
                    ? $"field label not supported: {field}"
                    : $"\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""));
            }
        }

        return selector;
    }

    /// <summary>Parses a selector without knowing the type; null when it cannot be read.</summary>
    public static FieldSelector? TryParse(string? text)
    {
        var terms = new List<(string, bool, string)>();
        foreach (var term in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = term.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
            {
                return null;
            }

            var equal = term[at - 1] != '!';
            var value = at + 1 < term.Length && term[at + 1] == '=' && equal ? term[(at + 2)..] : term[(at + 1)..];
            terms.Add((equal ? term[..at] : term[..(at - 1)], equal, value));
        }

        return new FieldSelector(terms);
    }

    /// <summary>The one value that a field must have, or null.</summary>
    public string? Exact(string field) => terms.FirstOrDefault(term => term.Field == field && term.Equal).Value;

    /// <summary>Whether an object is selected.</summary>
    public bool Matches(StoredObject stored)
    {
        foreach (var (field, equal, value) in terms)
        {
            if (stored.Field(field) == value != equal)
            {
                return false;
            }
        }

        return true;
    }
}

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>
/// A label selector (<c>=</c>, <c>==</c>, <c>!=</c>, <c>in</c>, <c>notin</c>, <c>key</c>, <c>!key</c>) or a field selector
/// (<c>=</c>, <c>==</c>, <c>!=</c>): requirements joined by commas.
/// </summary>
internal sealed partial record Selector(IReadOnlyList<Selector.Requirement> Requirements)
{
    public bool IsEmpty => Requirements.Count == 0;

    public static Selector Labels(string? text) =>
        Parse(text, LabelSyntax(), static one => NameRules.IsQualified(one.Key) && one.Values.All(NameRules.IsLabelValue));

    public static Selector Fields(string? text, ResourceType type) =>
        Parse(text, FieldSyntax(), one => one.Key is "metadata.name" or "metadata.namespace" || type.SelectableFields.Contains(one.Key));

    public bool Matches(IReadOnlyDictionary<string, string> values) => Requirements.All(one => one.IsMet(values));

    private static Selector Parse(string? text, Regex syntax, Func<Requirement, bool> isValid)
    {
        var requirements = new List<Requirement>();
        var rest = (text ?? "").Trim();
        while (rest.Length > 0 && syntax.Match(rest) is { Success: true } match)
        {
            rest = rest[match.Length..];
            string[] values = match.Groups["value"].Success ? [match.Groups["value"].Value] : [.. match.Groups["values"].Value.Split(',').Select(static value => value.Trim())];
            var written = match.Groups["operator"].Value;
            requirements.Add(new Requirement(match.Groups["key"].Value, written switch { "=" or "==" => "in", "!=" => "notin", _ => written }, values));
        }

        return rest.Length == 0 && requirements.TrueForAll(one => isValid(one))
            ? new Selector(requirements)
            : throw ApiStatus.BadRequest($"unable to parse requirement: invalid selector '{text}'");
    }

    [GeneratedRegex("""
        ^(?: (?<operator>!)\s*(?<key>[\w./-]+)
          | (?<key>[\w./-]+)\s+(?<operator>in|notin)\s*\(\s*(?<values>[^()]*?)\s*\)
          | (?<key>[\w./-]+)\s*(?<operator>==|=|!=)\s*(?<value>[\w.-]*)
          | (?<key>[\w./-]+) )\s*(?:,\s*(?=\S)|$)
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex LabelSyntax();

    [GeneratedRegex("^(?<key>[^,=!]+)(?<operator>==|=|!=)(?<value>[^,]*)(,|$)", RegexOptions.ExplicitCapture)]
    private static partial Regex FieldSyntax();

    /// <param name="Operator">in, notin, <c>!</c> for "is missing", empty for "is there".</param>
    internal sealed record Requirement(string Key, string Operator, string[] Values)
    {
        // An object without the label is not in the set, and so it is where the set is excluded.
        public bool IsMet(IReadOnlyDictionary<string, string> values) => (Operator, values.GetValueOrDefault(Key)) switch
        {
            ("in", { } value) => Values.Contains(value),
            ("notin", { } value) => !Values.Contains(value),
            (var name, var value) => name is "!" or "notin" ? value is null : value is not null && name.Length == 0,
        };
    }
}

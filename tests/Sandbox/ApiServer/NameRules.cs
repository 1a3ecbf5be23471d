namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>The syntax of names, labels and keys as the API server validates it.</summary>
internal static partial class NameRules
{
    private const int MaxSubdomain = 253;
    private const int MaxLabel = 63;

    /// <summary>A DNS subdomain (RFC 1123): most objects' names.</summary>
    public static bool IsSubdomain(string name) => name.Length <= MaxSubdomain && SubdomainSyntax().IsMatch(name);

    /// <summary>A DNS label (RFC 1123): a namespace's name.</summary>
    public static bool IsLabel(string name) => name.Length <= MaxLabel && !name.Contains('.') && SubdomainSyntax().IsMatch(name);

    /// <summary>The key of a label or an annotation, or an Event's reportingController: <c>name</c> or <c>prefix/name</c>.</summary>
    public static bool IsQualified(string key) => key.Split('/') switch
    {
        [var name] => IsName(name),
        [var prefix, var name] => IsSubdomain(prefix) && IsName(name),
        _ => false,
    };

    /// <summary>The value of a label.</summary>
    public static bool IsLabelValue(string value) => value.Length == 0 || IsName(value);

    /// <summary>A key in the data of a Secret.</summary>
    public static bool IsDataKey(string key) =>
        key.Length <= MaxSubdomain && DataKeySyntax().IsMatch(key) && key != "." && !key.StartsWith("..", StringComparison.Ordinal);

    private static bool IsName(string name) => name.Length <= MaxLabel && NameSyntax().IsMatch(name);

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.ExplicitCapture)]
    private static partial Regex SubdomainSyntax();

    [GeneratedRegex(@"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z", RegexOptions.ExplicitCapture)]
    private static partial Regex NameSyntax();

    [GeneratedRegex(@"^[-._a-zA-Z0-9]+\z")]
    private static partial Regex DataKeySyntax();
}

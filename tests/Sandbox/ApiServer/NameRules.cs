using System.Text.RegularExpressions;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>The syntax of names, labels and keys as the API server validates it. Each rule gives what is wrong, in its words; nothing when all is right.</summary>
internal static partial class NameRules
{
    private const int MaxSubdomain = 253;
    private const int MaxLabel = 63;

    private const string SubdomainFault =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character "
        + "(e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private const string LabelFault =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character "
        + "(e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private const string QualifiedFault =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
        + "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    private const string LabelValueFault =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
        + "(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    private const string DataKeyFault =
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

    /// <summary>A DNS subdomain (RFC 1123): most objects' names.</summary>
    public static IEnumerable<string> Subdomain(string name) => Faults(name, MaxSubdomain, SubdomainSyntax(), SubdomainFault);

    /// <summary>A DNS label (RFC 1123): a namespace's name.</summary>
    public static IEnumerable<string> Label(string name) => Faults(name, MaxLabel, LabelSyntax(), LabelFault);

    /// <summary>The key of a label or an annotation, or an Event's reportingController: <c>name</c> or <c>prefix/name</c>.</summary>
    public static IEnumerable<string> Qualified(string key)
    {
        var parts = key.Split('/');
        if (parts.Length > 2)
        {
            yield return $"a qualified name {QualifiedFault} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            yield break;
        }

        if (parts.Length == 2)
        {
            foreach (var fault in parts[0].Length == 0 ? ["must be non-empty"] : Subdomain(parts[0]))
            {
                yield return $"prefix part {fault}";
            }
        }

        var name = parts[^1];
        if (name.Length == 0)
        {
            yield return "name part must be non-empty";
        }

        foreach (var fault in Faults(name, MaxLabel, QualifiedSyntax(), QualifiedFault))
        {
            yield return $"name part {fault}";
        }
    }

    /// <summary>The value of a label.</summary>
    public static IEnumerable<string> LabelValue(string value) => value.Length == 0 ? [] : Faults(value, MaxLabel, QualifiedSyntax(), LabelValueFault);

    /// <summary>A key in the data of a Secret.</summary>
    public static IEnumerable<string> DataKey(string key)
    {
        foreach (var fault in Faults(key, MaxSubdomain, DataKeySyntax(), DataKeyFault))
        {
            yield return fault;
        }

        if (key is "." || key.StartsWith("..", StringComparison.Ordinal))
        {
            yield return key.Length > 2 ? "must not start with '..'" : $"must not be '{key}'";
        }
    }

    private static IEnumerable<string> Faults(string text, int maxLength, Regex syntax, string fault)
    {
        if (text.Length > maxLength)
        {
            yield return $"must be no more than {maxLength} bytes";
        }

        if (!syntax.IsMatch(text))
        {
            yield return fault;
        }
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.ExplicitCapture)]
    private static partial Regex SubdomainSyntax();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex LabelSyntax();

    [GeneratedRegex(@"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z", RegexOptions.ExplicitCapture)]
    private static partial Regex QualifiedSyntax();

    [GeneratedRegex(@"^[-._a-zA-Z0-9]+\z")]
    private static partial Regex DataKeySyntax();
}

using ClusterTrust.Text;

namespace ClusterTrust.CertSync.Planning;

/// <summary>Lets the namespaces that match use every name that begins with a prefix.</summary>
/// <param name="Namespaces">Which namespaces.</param>
/// <param name="Prefix">The beginning of the names, compared without regard to case; empty grants every name.</param>
public sealed record NameGrant(Glob Namespaces, string Prefix)
{
    /// <summary>Reads <c>NAMESPACE-GLOB=PREFIX</c>.</summary>
    /// <returns>The grant, or null if the text has another form.</returns>
    public static NameGrant? Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 ? new NameGrant(new Glob(text[..equals].Trim()), text[(equals + 1)..].Trim()) : null;
    }
}

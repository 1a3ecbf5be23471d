using ClusterTrust.Text;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>Text of a certificate in messages.</summary>
internal static class DisplayText
{
    private const int Longest = 120;

    /// <summary>A distinguished name; <c>(no subject)</c> for an empty one.</summary>
    public static string Name(string distinguishedName) =>
        distinguishedName.Length == 0 ? "(no subject)" : Sanitizer.Sanitize(distinguishedName, Longest);
}

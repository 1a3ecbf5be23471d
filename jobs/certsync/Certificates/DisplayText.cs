namespace ClusterTrust.CertSync.Certificates;

/// <summary>Text out of a certificate made fit for a message: whoever wrote the certificate does not write our log lines.</summary>
internal static class DisplayText
{
    private const int Longest = 120;

    /// <summary>A distinguished name; <c>(no subject)</c> for an empty one.</summary>
    public static string Name(string distinguishedName) =>
        distinguishedName.Length == 0 ? "(no subject)" : Clean(distinguishedName, Longest);

    /// <summary>Replaces control characters and cuts at a length, in UTF-16 units.</summary>
    public static string Clean(string text, int longest)
    {
        var cut = text.Length > longest ? string.Concat(text.AsSpan(0, longest), "…") : text;
        return string.Create(cut.Length, cut, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) || char.IsSurrogate(source[i]) ? '?' : source[i];
            }
        });
    }
}

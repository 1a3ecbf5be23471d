using System.Text;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>Just enough of HTML to tell a person which page answered in place of a document.</summary>
internal static class Html
{
    /// <summary>The title of a page as <c> (its title is "Sign in")</c>, or an empty string.</summary>
    public static string TitleOf(ReadOnlySpan<byte> page)
    {
        var text = Encoding.UTF8.GetString(page[..Math.Min(page.Length, 4096)]);
        var open = text.IndexOf("<title", StringComparison.OrdinalIgnoreCase);
        var start = open < 0 ? -1 : text.IndexOf('>', open);
        var end = start < 0 ? -1 : text.IndexOf("</", start, StringComparison.Ordinal);
        return end < 0 ? "" : $" (its title is \"{Shown.Of(text[(start + 1)..end].Trim())}\")";
    }
}

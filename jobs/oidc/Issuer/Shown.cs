using System.Globalization;
using System.Text;
using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>Makes foreign text fit to stand in a message: one line, printable ASCII, short, without credentials.</summary>
internal static class Shown
{
    private const int MaxLength = 100;

    public static string Of(string? text)
    {
        if (text is null)
        {
            return "(none)";
        }

        var shown = new StringBuilder();
        foreach (var character in Redaction.Of(text))
        {
            if (shown.Length >= MaxLength)
            {
                return shown.Append("...").ToString();
            }

            if (character is >= ' ' and <= '~')
            {
                shown.Append(character);
            }
            else
            {
                shown.Append("\\u").Append(((int)character).ToString("x4", CultureInfo.InvariantCulture));
            }
        }

        return shown.ToString();
    }

    public static string Of(Uri uri) => uri.IsAbsoluteUri ? Of(uri.GetLeftPart(UriPartial.Path)) : Of(uri.OriginalString);
}

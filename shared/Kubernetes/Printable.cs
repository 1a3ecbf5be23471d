using System.Globalization;
using System.Text;
using ClusterTrust.Hosting;

namespace ClusterTrust.Kubernetes;

/// <summary>Makes text of foreign origin fit to stand in a message: one line, printable ASCII, bounded, without credentials.</summary>
internal static class Printable
{
    public const int MaxLength = 400;

    public static string Of(string? text, int maxLength = MaxLength)
    {
        var shown = new StringBuilder();
        foreach (var character in Redaction.Of(text ?? ""))
        {
            if (shown.Length >= maxLength)
            {
                return shown.Append("...").ToString();
            }

            if (character is >= ' ' and <= '~')
            {
                shown.Append(character);
            }
            else if (char.IsWhiteSpace(character))
            {
                shown.Append(' ');
            }
            else
            {
                shown.Append("\\u").Append(((int)character).ToString("x4", CultureInfo.InvariantCulture));
            }
        }

        return shown.ToString();
    }
}

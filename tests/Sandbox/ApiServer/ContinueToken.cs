using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Where a list goes on: base64url JSON, which clients must treat as opaque.</summary>
/// <param name="Revision">The revision of the first page; -1 for the latest, after the first was compacted.</param>
/// <param name="Start">The first key that may follow, relative to what is listed.</param>
internal sealed record ContinueToken(long Revision, string Start)
{
    private const string FormatVersion = "meta.k8s.io/v1";

    public static ContinueToken Parse(string text)
    {
        if (BadBase64At(text) is { } position)
        {
            throw Invalid($"illegal base64 data at input byte {position}");
        }

        try
        {
            // The first page's token has a leading slash, later ones have none; both name the same key.
            var token = JsonNode.Parse(Base64Url.DecodeFromChars(text));
            return token.Text("v") == FormatVersion && token.Text("start")?.TrimStart('/') is { Length: > 0 } start
                ? new ContinueToken((long)token!["rv"]!, start)
                : throw Invalid("server does not recognize this encoded version");
        }
        catch (JsonException)
        {
            throw Invalid("invalid character looking for beginning of value");
        }
    }

    /// <summary>The token that goes on after a key.</summary>
    /// <param name="key">Last key of the page, relative to what is listed.</param>
    /// <param name="firstPage">Whether the page was the list's first.</param>
    public static ContinueToken After(long revision, string key, bool firstPage) => new(revision, $"{(firstPage ? "/" : "")}{key}\0");

    public override string ToString()
    {
        var json = new JsonObject { ["v"] = FormatVersion, ["rv"] = Revision, ["start"] = Start };
        return Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));
    }

    private static int? BadBase64At(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(text[i]) && text[i] is not ('-' or '_'))
            {
                return i;
            }
        }

        return text.Length % 4 == 1 ? text.Length - 1 : null;
    }

    private static StatusException Invalid(string why) =>
        new(ApiStatus.BadRequest($"invalid continue token: continue key is not valid: {why}"));
}

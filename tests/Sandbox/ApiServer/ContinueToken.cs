namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Where a list goes on: base64url JSON, which clients must treat as opaque.</summary>
/// <param name="Revision">The revision of the first page; -1 for the latest, after the first was compacted.</param>
/// <param name="Start">The first key that may follow, relative to what is listed.</param>
internal sealed record ContinueToken(long Revision, string Start)
{
    public static ContinueToken Parse(string text)
    {
        if (!Base64Url.IsValid(text))
        {
            throw new StatusException(ApiStatus.BadRequest($"invalid continue token: continue key is not valid: illegal base64 data at input byte {text.Length - 1}"));
        }

        // The first page's token has a leading slash, later ones have none; both name the same key.
        var token = JsonNode.Parse(Base64Url.DecodeFromChars(text))!;
        return new ContinueToken((long)token["rv"]!, token.Text("start")!.TrimStart('/'));
    }

    /// <summary>The token that goes on after a key.</summary>
    public static ContinueToken After(long revision, string key, bool firstPage) => new(revision, $"{(firstPage ? "/" : "")}{key}\0");

    public override string ToString()
    {
        var json = new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = Revision, ["start"] = Start };
        return Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));
    }
}

namespace ClusterTrust.Oidc.Issuer;

/// <summary>One document of a response with status 200, or of a file, not yet checked.</summary>
/// <param name="Source">Where it was read; named in every message about it.</param>
/// <param name="Bytes">The body; a reader stops at <see cref="StrictJson.MaxBytes"/> + 1 bytes, which are refused as too large.</param>
internal sealed record ServedDocument(Uri Source, string? ContentType, ReadOnlyMemory<byte> Bytes)
{
    public DateTimeOffset? Date { get; init; }

    /// <summary>Parses the document, and refuses what a proxy or a login page sends in its place.</summary>
    /// <param name="what">What it should be, for the messages.</param>
    /// <param name="read">Reads the root; the second argument is the source for messages.</param>
    /// <returns>Null after a refusal.</returns>
    public T? Read<T>(string what, IssuerFindings findings, Func<JsonElement, string, T?> read) where T : class
    {
        var source = Sanitizer.Sanitize(Source);
        var subject = $"The {what} at {source}";
        T? document = null;
        if (StrictJson.Read(Bytes, root => document = Check(root)) is { } fault)
        {
            findings.Refuse($"{subject} {fault} (content type: {Sanitizer.Sanitize(ContentType)}).");
        }

        return document;

        T? Check(JsonElement root)
        {
            if (ContentType?.Contains("html", StringComparison.OrdinalIgnoreCase) == true)
            {
                findings.Refuse($"{subject} has the content type {Sanitizer.Sanitize(ContentType)}, not JSON.");
                return null;
            }

            if (ErrorIn(root) is { } error)
            {
                findings.Refuse($"{subject} was answered with 200 but contains an error: {error}.");
                return null;
            }

            return read(root, source);
        }
    }

    /// <summary>A Kubernetes Status or an OAuth error (RFC 6749 §5.2) in the place of a document.</summary>
    private static string? ErrorIn(JsonElement root) =>
        TextOf(root, "kind") == "Status" ? Sanitizer.Sanitize($"{TextOf(root, "reason")}: {TextOf(root, "message")}")
        : root.TryGetProperty("error", out _) && !root.TryGetProperty("keys", out _) ? Sanitizer.Sanitize($"{TextOf(root, "error")}: {TextOf(root, "error_description")}")
        : null;

    private static string TextOf(JsonElement root, string name) => StrictJson.TextOf(root, name) ?? "(none)";
}

using System.Text.Unicode;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>
/// Reads one JSON object that all readers parse alike: valid UTF-8, no member twice (names that differ in
/// case only count as one, as in Go's decoder, for which <c>ſ</c> is an <c>s</c> too: so names are ASCII),
/// nothing before or after, bounded in size and depth.
/// </summary>
internal static class StrictJson
{
    /// <summary>The largest document that is read, in bytes (64 KiB): some 80 RSA-4096 keys.</summary>
    public const int MaxBytes = 64 * 1024;

    private const int MaxDepth = 16;

    /// <summary>Reads a body, at most one byte more of it than is accepted, so that an endless body is not read to its end.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(Stream body, CancellationToken cancellationToken)
    {
        var bytes = new byte[MaxBytes + 1];
        return bytes.AsMemory(0, await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken));
    }

    /// <param name="read">Reads the root of a valid document; the element must not be used after it returns.</param>
    /// <returns>What is wrong, as the end of a sentence whose subject is the document; null if it is valid.</returns>
    public static string? Read(ReadOnlyMemory<byte> utf8, Action<JsonElement> read)
    {
        if ((CheckStart(utf8.Span) ?? CheckMembers(utf8.Span)) is { } fault)
        {
            return fault;
        }

        using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = MaxDepth });
        read(document.RootElement);
        return null;
    }

    /// <summary>The member of an object that is a text; null if it is missing or of another type.</summary>
    public static string? TextOf(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>The names of an object's members, for a message: a clause.</summary>
    public static string MembersOf(JsonElement parent)
    {
        var names = Sanitizer.Sanitize(string.Join(", ", parent.EnumerateObject().Select(member => member.Name)));
        return names.Length == 0 ? "it has no members" : $"its members are: {names}";
    }

    private static string? CheckStart(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxBytes)
        {
            return $"is larger than {MaxBytes} bytes";
        }

        var start = utf8.IndexOfAnyExcept(" \t\r\n"u8);
        if (start < 0)
        {
            return "is empty";
        }

        return utf8[start] switch
        {
            (byte)'{' => Utf8.IsValid(utf8) ? null : "is not valid UTF-8",
            (byte)'<' => "is HTML or XML, not JSON" + TitleOf(utf8),
            0xEF or 0xFE or 0xFF => "starts with a byte order mark, which JSON readers refuse: save it as UTF-8 without one",
            0x1F => "is compressed, although no encoding was requested",
            _ => "is not a JSON object",
        };
    }

    private static string? CheckMembers(ReadOnlySpan<byte> utf8)
    {
        // Not the final block, so that the reader distinguishes a truncated document from a malformed one.
        var reader = new Utf8JsonReader(utf8, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = MaxDepth + 1 }));
        var members = new Stack<HashSet<string>>();
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth >= MaxDepth)
                {
                    return $"is nested deeper than {MaxDepth} levels";
                }

                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject:
                        members.Push(new HashSet<string>(StringComparer.OrdinalIgnoreCase));
                        break;
                    case JsonTokenType.PropertyName when reader.GetString()!.AsSpan().ContainsAnyExceptInRange(' ', '~'):
                        return $"has a member '{Sanitizer.Sanitize(reader.GetString())}' whose name is not printable ASCII";
                    case JsonTokenType.PropertyName when !members.Peek().Add(reader.GetString()!):
                        return $"has the member '{Sanitizer.Sanitize(reader.GetString())}' twice";
                    case JsonTokenType.String:
                        reader.GetString(); // throws for an escaped half of a surrogate pair
                        break;
                    case JsonTokenType.EndObject:
                        members.Pop();
                        break;
                }

                if (reader is { TokenType: JsonTokenType.EndObject, CurrentDepth: 0 })
                {
                    var rest = utf8[(int)reader.BytesConsumed..];
                    return rest.ContainsAnyExcept(" \t\r\n"u8) ? $"has content after its end, at byte {reader.BytesConsumed}" : null;
                }
            }

            return $"is truncated: it ends after {utf8.Length} bytes";
        }
        catch (JsonException malformed)
        {
            return $"is not valid JSON at line {malformed.LineNumber + 1}, byte {malformed.BytePositionInLine + 1}";
        }
        catch (InvalidOperationException)
        {
            return "has an invalid escaped character in a name or string";
        }
    }

    /// <summary>The title of a page that was returned in place of a document, as <c> (its title is "Sign in")</c>, or an empty string.</summary>
    private static string TitleOf(ReadOnlySpan<byte> page)
    {
        var text = Encoding.UTF8.GetString(page[..Math.Min(page.Length, 4096)]);
        var open = text.IndexOf("<title", StringComparison.OrdinalIgnoreCase);
        var start = open < 0 ? -1 : text.IndexOf('>', open);
        var end = start < 0 ? -1 : text.IndexOf("</", start, StringComparison.Ordinal);
        return end < 0 ? "" : $" (its title is \"{Sanitizer.Sanitize(text[(start + 1)..end].Trim())}\")";
    }
}

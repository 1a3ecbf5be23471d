namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Reads the Accept header: plain JSON, or only the metadata of objects.</summary>
internal static class Negotiation
{
    /// <summary>Whether the answer is to hold metadata only. Tables are never made: a client that asks for one also takes JSON.</summary>
    public static bool WantsMetadata(HttpRequest request, bool list)
    {
        var accept = request.Headers.Accept.ToString();
        foreach (var range in (accept.Length == 0 ? "*/*" : accept).Split(','))
        {
            var parts = range.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] is not ("application/json" or "application/*" or "*/*"))
            {
                continue;
            }

            switch (Parameter(parts, "as"))
            {
                case null:
                    return false;
                case "PartialObjectMetadata" or "PartialObjectMetadataList" when Parameter(parts, "v") == "v1":
                    return list == (Parameter(parts, "as") == "PartialObjectMetadataList")
                        ? true
                        : throw new StatusException(ApiStatus.NotAcceptable("what is requested is a list, and the form is none of a list, or the other way round"));
                default:
                    break;
            }
        }

        throw new StatusException(ApiStatus.NotAcceptable("only application/json is served"));
    }

    private static string? Parameter(string[] parts, string name) =>
        parts.FirstOrDefault(part => part.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];
}

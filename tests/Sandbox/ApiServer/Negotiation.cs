using Microsoft.AspNetCore.Http;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Reads the Accept header: plain JSON, or only the metadata of objects.</summary>
internal static class Negotiation
{
    private const string Accepted =
        "only the following media types are accepted: application/json, application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1, "
        + "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

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
                case "PartialObjectMetadataList" when Parameter(parts, "v") == "v1":
                    return list
                        ? true
                        : throw new StatusException(ApiStatus.NotAcceptable("you requested PartialObjectMetadataList, but the requested object is not a list"));
                case "PartialObjectMetadata" when Parameter(parts, "v") == "v1":
                    return list
                        ? throw new StatusException(ApiStatus.NotAcceptable("you requested PartialObjectMetadata, but the requested object is a list"))
                        : true;
                default:
                    break;
            }
        }

        throw new StatusException(ApiStatus.NotAcceptable(Accepted));
    }

    private static string? Parameter(string[] parts, string name) =>
        parts.FirstOrDefault(part => part.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];
}

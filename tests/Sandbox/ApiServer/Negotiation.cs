using Microsoft.Net.Http.Headers;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Reads the Accept header: plain JSON, or only the metadata of objects.</summary>
internal static class Negotiation
{
    /// <summary>Whether the response has metadata only. Tables are never created: a client that requests one also accepts JSON.</summary>
    public static bool WantsMetadata(HttpRequest request, bool list)
    {
        foreach (var range in request.GetTypedHeaders().Accept.DefaultIfEmpty(new MediaTypeHeaderValue("*/*")))
        {
            switch (range.MediaType.Value, Parameter(range, "as"), Parameter(range, "v"))
            {
                case (not ("application/json" or "application/*" or "*/*"), _, _):
                    break;
                case (_, null, _):
                    return false;
                case (_, "PartialObjectMetadata" or "PartialObjectMetadataList", "v1"):
                    return list == (Parameter(range, "as") == "PartialObjectMetadataList")
                        ? true
                        : throw new ApiStatus(406, "NotAcceptable", "what is requested is a list, and the form is none of a list, or the other way round");
            }
        }

        throw new ApiStatus(406, "NotAcceptable", "only application/json is served");
    }

    private static string? Parameter(MediaTypeHeaderValue range, string name) => range.Parameters.FirstOrDefault(one => one.Name == name)?.Value.Value;
}

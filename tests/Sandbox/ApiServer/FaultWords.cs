using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>What the API server says of faults of its own.</summary>
public static class FaultWords
{
    /// <summary>429 as API priority and fairness answers it: plain text, not a Status.</summary>
    /// <param name="retryAfterSeconds">The Retry-After header; the API server sends 1 under light load.</param>
    public static Fault.Status TooManyRequestsInFlight(int retryAfterSeconds = 1) =>
        new(429, retryAfterSeconds, "Too many requests, please try again later.\n", "text/plain; charset=utf-8");

    /// <summary>The Status of a fault that brings no body of its own.</summary>
    internal static ApiStatus Of(Fault.Status fault)
    {
        var details = new JsonObject();
        if (fault.RetryAfterSeconds is { } seconds)
        {
            details["retryAfterSeconds"] = seconds;
        }

        return fault.Code switch
        {
            429 => new ApiStatus(429, "TooManyRequests", "storage is (re)initializing", details),
            500 => InternalError("etcdserver: leader changed"),
            503 => new ApiStatus(503, "ServiceUnavailable", "the server is currently unable to handle the request", details),
            504 => new ApiStatus(504, "Timeout", "Timeout: request did not complete within the allotted timeout", details),
            401 => ApiStatus.Unauthorized,
            403 => new ApiStatus(403, "Forbidden", "forbidden: an admission webhook denied the request", details),
            404 => new ApiStatus(404, "NotFound", "the server could not find the requested resource", details),
            409 => new ApiStatus(409, "Conflict", "Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest version and try again", details),
            410 => new ApiStatus(410, "Expired", "The resourceVersion for the provided list is too old.", details),
            var code => new ApiStatus(code, "Unknown", $"the server responded with the status code {code}", details),
        };
    }

    private static ApiStatus InternalError(string cause) => new(
        500,
        "InternalError",
        $"Internal error occurred: {cause}",
        new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = cause }) });
}

using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>Cuts lists into pages of at most 25 entries, each with the address of the next.</summary>
internal static class VaultPages
{
    private const int MaximumPage = 25;

    /// <param name="request">The request, with a <c>$skiptoken</c> unless it is for the first page.</param>
    /// <param name="all">Every entry in order.</param>
    /// <param name="key">What the skip token remembers of an entry: the first one of the next page.</param>
    /// <param name="write">Writes an entry.</param>
    public static JsonObject Cut<T>(VaultRequest request, IReadOnlyList<T> all, Func<T, string> key, Func<T, JsonObject> write)
    {
        var token = request.Context.Request.Query["$skiptoken"].ToString();
        var start = token.Length == 0 ? 0 : IndexOf(all, key, Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token)));
        var end = Math.Min(start + MaximumPage, all.Count);
        var next = end == all.Count ? null
            : $"https://{request.Vault.Host}:443{request.Context.Request.Path}?api-version={request.ApiVersion}&$skiptoken={Base64Url.EncodeToString(Encoding.UTF8.GetBytes(key(all[end])))}";
        return new JsonObject { ["value"] = new JsonArray([.. all.Take(start..end).Select(write)]), ["nextLink"] = next };
    }

    private static int IndexOf<T>(IReadOnlyList<T> all, Func<T, string> key, string first)
    {
        var (low, high) = (0, all.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (StringComparer.OrdinalIgnoreCase.Compare(key(all[middle]), first) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}

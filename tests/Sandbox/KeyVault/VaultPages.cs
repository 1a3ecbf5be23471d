using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>Cuts lists into pages of at most 25 entries, each with the address of the next.</summary>
internal static class VaultPages
{
    private const int MaximumPage = 25;
    private static readonly int[] RaggedLengths = [24, 25, 1, 0, 13];

    /// <param name="request">The request, with <c>maxresults</c> and <c>$skiptoken</c>.</param>
    /// <param name="all">Every entry in order.</param>
    /// <param name="key">What the skip token remembers of an entry: the first one of the next page.</param>
    /// <param name="write">Writes an entry.</param>
    public static JsonObject Cut<T>(VaultRequest request, IReadOnlyList<T> all, Func<T, string> key, Func<T, JsonObject> write)
    {
        var query = request.Context.Request.Query;
        var most = MaximumPage;
        var text = query["maxresults"].ToString();
        if (text.Length > 0 && (!int.TryParse(text, CultureInfo.InvariantCulture, out most) || most is < 1 or > MaximumPage))
        {
            throw VaultErrors.InvalidProperty("maxresults");
        }

        var (first, pages) = ReadToken(query["$skiptoken"].ToString());
        var start = first is null ? 0 : IndexOf(all, key, first);
        var length = request.Vault.Options.RaggedPages ? Math.Min(most, RaggedLengths[pages % RaggedLengths.Length]) : most;
        var end = Math.Min(start + length, all.Count);
        var entries = new JsonArray();
        for (var i = start; i < end; i++)
        {
            entries.Add((JsonNode)write(all[i]));
        }

        var size = text.Length > 0 ? $"&maxresults={text}" : "";
        return new JsonObject
        {
            ["value"] = entries,
            ["nextLink"] = end < all.Count
                ? $"https://{request.Vault.Host}:443{request.Context.Request.Path}?api-version={request.ApiVersion}&$skiptoken={WriteToken(key(all[end]), pages + 1)}{size}"
                : null,
        };
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

    private static string WriteToken(string next, int pages) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(new JsonObject { ["NextMarker"] = next, ["TargetLocation"] = pages }.ToJsonString()));

    private static (string? First, int Pages) ReadToken(string token)
    {
        if (token.Length == 0)
        {
            return (null, 0);
        }

        try
        {
            var marker = JsonNode.Parse(Base64Url.DecodeFromChars(token));
            return (marker?["NextMarker"]?.GetValue<string>(), marker?["TargetLocation"]?.GetValue<int>() ?? 0);
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException)
        {
            throw VaultErrors.InvalidProperty("$skiptoken");
        }
    }
}

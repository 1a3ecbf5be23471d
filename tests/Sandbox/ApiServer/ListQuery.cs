using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>What a list request asks for.</summary>
/// <param name="Fields">Field selector.</param>
/// <param name="Labels">Label selector.</param>
/// <param name="Limit">Objects a page; 0 for all.</param>
/// <param name="Continue">Continue token; empty for the first page.</param>
internal sealed record ListQuery(FieldSelector Fields, LabelSelector Labels, int Limit, string Continue)
{
    /// <summary>Whether a selector narrows the list.</summary>
    public bool Selects => !Fields.IsEmpty || !Labels.IsEmpty;

    /// <exception cref="StatusException">400.</exception>
    public static ListQuery Parse(IQueryCollection query, ResourceType type)
    {
        var limit = query["limit"].ToString();
        if (!int.TryParse(limit.Length == 0 ? "0" : limit, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed))
        {
            throw new StatusException(ApiStatus.BadRequest($"strconv.ParseInt: parsing \"{limit}\": invalid syntax"));
        }

        return new ListQuery(FieldSelector.Parse(query["fieldSelector"], type), LabelSelector.Parse(query["labelSelector"]), parsed, query["continue"].ToString());
    }

    public bool Matches(StoredObject stored) => Fields.Matches(stored) && Labels.Matches(stored.Labels);
}

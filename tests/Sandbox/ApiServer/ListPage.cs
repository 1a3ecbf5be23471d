namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>One page of a list.</summary>
/// <param name="Revision">The revision that every page of the list shows.</param>
/// <param name="Continue">The token of the next page; null after the last.</param>
/// <param name="Remaining">How many objects follow; only known without selectors.</param>
internal sealed record ListPage(long Revision, IReadOnlyList<StoredObject> Objects, string? Continue, int? Remaining)
{
    public static ListPage Read(ClusterState state, ResourceType type, string space, ListQuery query)
    {
        var (objects, revision) = state.Snapshot(type);
        var start = "";
        if (query.Continue.Length > 0)
        {
            var token = ContinueToken.Parse(query.Continue);
            start = token.Start.TrimStart('/');
            if (token.Rv > 0)
            {
                objects = state.At(type, token.Rv) ?? throw ApiStatus.Expired($"{token with { Rv = -1, Start = start }}");
                revision = token.Rv;
            }
        }

        var prefix = space.Length > 0 ? space + "/" : "";
        var left = objects.Values.Where(one => one.Key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(one.Key, prefix + start) >= 0).ToArray();
        var page = new List<StoredObject>();
        for (var i = 0; i < left.Length; i++)
        {
            if (!query.Matches(left[i]))
            {
                continue;
            }

            page.Add(left[i]);

            // As in etcd, whether more follow is determined from all keys, not from the selected ones: the last page may be empty.
            if (page.Count == query.Limit && i + 1 < left.Length)
            {
                state.Pin(type, revision, objects);
                var next = ContinueToken.After(revision, left[i].Key[prefix.Length..], firstPage: start.Length == 0);
                return new ListPage(revision, page, next.ToString(), query.Selects ? null : left.Length - i - 1);
            }
        }

        return new ListPage(revision, page, null, null);
    }

    public string ToJson(ResourceType type, bool metadataOnly)
    {
        var metadata = JsonText.WithoutEmpty(("resourceVersion", $"{Revision}"), ("continue", Continue), ("remainingItemCount", Remaining));
        var (kind, apiVersion) = metadataOnly ? ("PartialObjectMetadataList", "meta.k8s.io/v1") : (type.Kind + "List", type.ApiVersion);
        var items = string.Join(',', Objects.Select(one => metadataOnly ? one.MetadataJson : one.ListItem));
        var list = metadataOnly && items.Length == 0 ? "null" : $"[{items}]";
        return $$"""{"kind":"{{kind}}","apiVersion":"{{apiVersion}}","metadata":{{metadata.ToJsonString()}},"items":{{list}}}""";
    }
}

/// <summary>The parameters of a list request.</summary>
/// <param name="Limit">Objects a page; 0 for all.</param>
internal sealed record ListQuery(Selector Fields, Selector Labels, int Limit, string Continue)
{
    public bool Selects => !Fields.IsEmpty || !Labels.IsEmpty;

    public static ListQuery Parse(IQueryCollection query, ResourceType type)
    {
        var limit = query["limit"].ToString();
        return int.TryParse(limit.Length == 0 ? "0" : limit, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed)
            ? new ListQuery(Selector.Fields(query["fieldSelector"], type), Selector.Labels(query["labelSelector"]), parsed, query["continue"].ToString())
            : throw ApiStatus.BadRequest($"strconv.ParseInt: parsing \"{limit}\": invalid syntax");
    }

    public bool Matches(StoredObject stored) => Fields.Matches(stored.Fields) && Labels.Matches(stored.Labels);
}

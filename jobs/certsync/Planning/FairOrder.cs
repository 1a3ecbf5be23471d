namespace ClusterTrust.CertSync.Planning;

/// <summary>The order of work: the namespaces take turns, and each one's certificates go by how soon they expire, so that no namespace waits for all of another's.</summary>
public static class FairOrder
{
    /// <summary>Puts items in order.</summary>
    /// <param name="items">The items.</param>
    /// <param name="namespaces">The namespaces an item is for. It has its turn with the first of them, so that nobody delays it by asking for its name too.</param>
    /// <param name="expiry">When the certificate that the vault has ends; null, if it has none, comes first.</param>
    public static IEnumerable<T> Arrange<T>(IReadOnlyCollection<T> items, Func<T, IEnumerable<string>> namespaces, Func<T, DateTimeOffset?> expiry)
        where T : class
    {
        var queues = items.OrderBy(item => expiry(item) ?? DateTimeOffset.MinValue)
            .SelectMany(item => namespaces(item).Distinct(StringComparer.Ordinal).Select(name => (Namespace: name, Item: item)))
            .GroupBy(turn => turn.Namespace, turn => turn.Item, StringComparer.Ordinal)
            .OrderBy(queue => queue.Key, StringComparer.Ordinal)
            .Select(queue => new Queue<T>(queue))
            .ToList();
        var done = new HashSet<T>(ReferenceEqualityComparer.Instance);
        while (queues.Count > 0)
        {
            foreach (var queue in queues)
            {
                while (queue.TryDequeue(out var item))
                {
                    if (done.Add(item))
                    {
                        yield return item;
                        break;
                    }
                }
            }

            queues.RemoveAll(static queue => queue.Count == 0);
        }
    }
}

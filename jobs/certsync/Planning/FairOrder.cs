namespace ClusterTrust.CertSync.Planning;

/// <summary>
/// The order of work: namespaces take turns, and within one the certificate that expires first goes first, so that no namespace
/// waits for all of another's.
/// </summary>
public static class FairOrder
{
    /// <param name="namespaces">The namespaces of an item. It is taken at the first turn of any of them, so that no namespace delays it by requesting its name too.</param>
    /// <param name="expiry">End of validity of the certificate in the vault; an item without one goes first.</param>
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

namespace ClusterTrust.CertSync.Planning;

/// <summary>
/// The order of work: round-robin over the namespaces, and within one the certificate that expires first is first, so that no namespace
/// waits for all of another's.
/// </summary>
public static class FairOrder
{
    /// <param name="namespaces">The namespaces of an item. It is taken at the first turn of any of them, so that no namespace delays it by requesting its name too.</param>
    /// <param name="expiry">End of validity of the certificate in the vault; an item without one is first.</param>
    public static IEnumerable<T> Arrange<T>(IReadOnlyCollection<T> items, Func<T, IEnumerable<string>> namespaces, Func<T, DateTimeOffset?> expiry)
        where T : class => items
            .OrderBy(item => expiry(item) ?? DateTimeOffset.MinValue)
            .SelectMany(item => namespaces(item).Distinct(StringComparer.Ordinal).Select(name => (Namespace: name, Item: item)))
            .GroupBy(static one => one.Namespace, static one => one.Item, StringComparer.Ordinal)
            .OrderBy(static queue => queue.Key, StringComparer.Ordinal)
            .SelectMany(static queue => queue.Select(static (item, turn) => (Turn: turn, Item: item)))
            .OrderBy(static one => one.Turn)
            .Select(static one => one.Item)
            .Distinct<T>(ReferenceEqualityComparer.Instance);
}

namespace ClusterTrust.CertSync.Tests.Planning;

public sealed class FairOrderTests
{
    private sealed record Item(string Name, string[] Namespaces, int? ExpiresOnDay);

    [Fact]
    public void Namespaces_take_turns_and_the_nearest_expiry_goes_first_within_one()
    {
        Item[] items =
        [
            .. Enumerable.Range(0, 200).Select(i => new Item($"0-{i:000}", ["evil"], 1)),
            new("late", ["shop"], 60), new("soon", ["shop"], 2), new("missing", ["shop"], null), new("api", ["team"], 90),
        ];
        Assert.Equal(["0-000", "missing", "api", "0-001", "soon", "0-002", "late"], Arrange(items).Take(7).Select(item => item.Name));
    }

    [Fact]
    public void A_namespace_that_asks_for_the_same_name_does_not_delay_it()
    {
        Item[] items = [.. Enumerable.Range(0, 50).Select(i => new Item($"a-{i}", ["a-evil"], 1)), new("web", ["a-evil", "shop"], 90)];
        Assert.Equal("web", Arrange(items).ElementAt(1).Name);
    }

    [Fact]
    public void Every_item_has_its_turn_once() =>
        Gen.Select(Make.Any("a", "b", "c").Array[1, 3], Gen.Int[0, 9]).Array[0, 30].Sample(generated =>
        {
            var items = generated.Select((one, index) => new Item($"{index}", one.Item1, one.Item2 == 0 ? null : one.Item2)).ToArray();
            var arranged = Arrange(items).ToArray();
            Assert.Equal(items.Length, arranged.Length);
            Assert.Empty(items.Except(arranged));
        });

    private static IEnumerable<Item> Arrange(Item[] items) =>
        FairOrder.Arrange(items, item => item.Namespaces, item => item.ExpiresOnDay is { } day ? Make.Day0.AddDays(day) : null);
}

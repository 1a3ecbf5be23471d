namespace ClusterTrust.Sandbox.Hostile;

/// <summary>Makes hostile answers out of good ones: wrong types, nothing at all, too much, too deep, twice, broken off. The same seed gives the same answer.</summary>
public sealed class HostileJson(int seed)
{
    private const int Many = 2000;

    // JSON values that a reader may not expect; {0} is the value itself and {1} a long text.
    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1e999", "-0", "99999999999999999999999999", "1.5", "\"\"", "\" \"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udfff\\ud800\"", "\"\u202e\"", "[]", "{}",
        "[null]", "[[]]", "[{}]", "{\"\":null}", "\"https://evil.example/\"", "\"//evil.example\"", "\"../../etc/passwd\"", "\"-----BEGIN CERTIFICATE-----\"", "\"9999-12-31T23:59:59Z\"",
        "\"0001-01-01T00:00:00Z\"", "2147483648", "9223372036854775808", "\"{1}\"", "[{0},{0}]", "[[[{0}]]]", "{\"{1}\":{0}}",
    ];

    private readonly Random _random = new(seed);

    public byte[] Damage(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        for (var left = _random.Next(1, 4); left > 0; left--)
        {
            bytes = (_random.Next(10) < 8 ? TryDamageTree(bytes) : null) ?? DamageBytes(bytes);
        }

        return bytes;
    }

    /// <summary>Damages one value; null when earlier damage left nothing that can be taken apart.</summary>
    private byte[]? TryDamageTree(byte[] bytes)
    {
        try
        {
            return JsonNode.Parse(bytes, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 60 }) is { } root ? DamageTree(root) : null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Replaces, removes or repeats one value anywhere in it.</summary>
    private byte[] DamageTree(JsonNode root)
    {
        var places = new List<JsonNode> { root };
        for (var i = 0; i < places.Count; i++)
        {
            places.AddRange(places[i] switch
            {
                JsonObject members => members.Select(static member => member.Value).OfType<JsonNode>(),
                JsonArray items => items.OfType<JsonNode>(),
                _ => [],
            });
        }

        var place = places[_random.Next(places.Count)];
        var text = root.ToJsonString();
        if (place == root || _random.Next(8) == 0)
        {
            return Encoding.UTF8.GetBytes(Nested(text));
        }

        // The value is marked, and the mark replaced in the text: a tree does not take what is no JSON.
        const string mark = "\"the-mark-of-the-value\"";
        var value = place.ToJsonString();
        if (place.Parent is JsonObject parent && _random.Next(6) == 0)
        {
            var name = parent.First(member => member.Value == place).Key;
            parent.Remove(name);
            if (_random.Next(2) == 0)
            {
                // The same member twice, or in another case.
                parent[name] = JsonNode.Parse(mark);
                return Marked(root, mark, $"{value},{JsonSerializer.Serialize(_random.Next(2) == 0 ? name : name.ToUpperInvariant())}:{NewValue(value)}");
            }

            return Encoding.UTF8.GetBytes(root.ToJsonString());
        }

        place.ReplaceWith(JsonNode.Parse(mark));
        return Marked(root, mark, NewValue(value));
    }

    private static byte[] Marked(JsonNode root, string mark, string value) => Encoding.UTF8.GetBytes(root.ToJsonString().Replace(mark, value, StringComparison.Ordinal));

    private string NewValue(string old)
    {
        if (_random.Next(12) == 0 && old.Length < 4000)
        {
            return $"[{string.Join(',', Enumerable.Repeat(old, Many))}]";
        }

        return _random.Next(12) == 0
            ? Nested(old)
            : Values[_random.Next(Values.Length)].Replace("{0}", old, StringComparison.Ordinal).Replace("{1}", new string('x', _random.Next(2) == 0 ? 300 : 100_000), StringComparison.Ordinal);
    }

    private string Nested(string value)
    {
        var depth = _random.Next(4) switch { 0 => 17, 1 => 65, 2 => 1000, _ => 100_000 };
        return _random.Next(2) == 0
            ? new string('[', depth) + value + new string(']', depth)
            : string.Concat(Enumerable.Repeat("{\"a\":", depth)) + value + new string('}', depth);
    }

    private byte[] DamageBytes(byte[] bytes)
    {
        var at = _random.Next(bytes.Length + 1);
        return _random.Next(9) switch
        {
            0 => bytes[..at],
            1 => [.. bytes[..at], (byte)_random.Next(256), .. bytes[at..]],
            2 => [.. bytes, .. "{}"u8],
            3 => [0xEF, 0xBB, 0xBF, .. bytes],
            4 => [.. bytes[..at], 0xC3, 0x28, 0xED, 0xA0, 0x80, .. bytes[at..]],
            5 => [],
            6 => Encoding.UTF8.GetBytes("<!DOCTYPE html><html><head><title>Sign in</title></head><body>" + at.ToString(CultureInfo.InvariantCulture) + "</body></html>"),
            7 => Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(bytes)),
            _ => [.. bytes[..at], .. new byte[_random.Next(1, 64)], .. bytes[at..]],
        };
    }
}

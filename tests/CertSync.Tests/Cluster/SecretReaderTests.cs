namespace ClusterTrust.CertSync.Tests.Cluster;

public sealed class SecretReaderTests : ClusterTest
{
    private static readonly TlsSecretRef Listed = new("team-a", "web-tls", "old-uid", "1");

    [Fact]
    public async Task Reads_the_entries_of_a_Secret_in_the_version_it_has_now()
    {
        Put("team-a", "web-tls");
        using var material = await new SecretReader(Connect()).ReadAsync(Listed, default);
        var stored = Server.State.Secrets.Single().Body["metadata"]!;
        Assert.Equal("certificate", Text(material!.TlsCrt));
        Assert.Equal("key", Text(material.TlsKey));
        Assert.Equal(0, material.CaCrt.Length);
        Assert.Equal(stored["uid"]!.ToString(), material.Secret.Uid);
        Assert.Equal(stored["resourceVersion"]!.ToString(), material.Secret.ResourceVersion);
    }

    [Fact]
    public async Task Reads_a_Secret_as_large_as_one_can_be()
    {
        var large = new byte[1024 * 1024 - 100];
        new Random(1).NextBytes(large);
        Server.State.PutSecret("team-a", "web-tls", [new("tls.crt", large)]);
        using var material = await new SecretReader(Connect()).ReadAsync(Listed, default);
        Assert.True(material!.TlsCrt.Span.SequenceEqual(large));
    }

    [Fact]
    public async Task A_Secret_exists_until_it_is_deleted()
    {
        var reader = new SecretReader(Connect());
        Assert.Null(await reader.ReadAsync(Listed, default));
        Assert.False(await reader.ExistsAsync("team-a", "web-tls", default));
        Put("team-a", "web-tls");
        Assert.True(await reader.ExistsAsync("team-a", "web-tls", default));
    }

    /// <summary>A page of a proxy, a server that does not know the path, and an answer about something else.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("""{"kind":"Status","reason":"NotFound","details":{},"code":404}""")]
    [InlineData("""{"kind":"Status","reason":"NotFound","details":{"name":"team-a","kind":"namespaces"},"code":404}""")]
    [InlineData("""{"kind":"Status","reason":"NotFound","details":{"name":"other","kind":"secrets"},"code":404}""")]
    public async Task Only_an_answer_about_the_Secret_says_that_it_is_gone(string body)
    {
        Server.Faults.Always(new Fault.Status(404, Body: body));
        var reader = new SecretReader(Connect());
        await Assert.ThrowsAsync<KubernetesException>(() => reader.ReadAsync(Listed, default));
        await Assert.ThrowsAsync<KubernetesException>(() => reader.ExistsAsync("team-a", "web-tls", default));
    }

    [Fact]
    public void Wipes_the_entries_when_disposed_of()
    {
        var material = SecretMaterial.Read("""{"data":{"tls.key":"a2V5","tls.crt":"Y2VydA=="}}"""u8.ToArray(), Listed);
        var (key, certificate) = (material.TlsKey, material.TlsCrt);
        Assert.Equal("key", Text(key));
        material.Dispose();
        Assert.All(key.ToArray(), octet => Assert.Equal(0, octet));
        Assert.All(certificate.ToArray(), octet => Assert.Equal(0, octet));
        Assert.Equal(0, material.TlsKey.Length);
    }

    [Fact]
    public void Its_text_does_not_contain_an_entry()
    {
        using var material = SecretMaterial.Read("""{"data":{"tls.key":"a2V5"}}"""u8.ToArray(), Listed);
        Assert.Equal("team-a/web-tls", material.ToString());
    }

    [Theory]
    [InlineData("""{"data":{"tls.key":"a2V5"}}""", "key")]
    [InlineData("""{"data":{"tls.key":"a\u0032V5"}}""", "key")]
    [InlineData("""{"data":{"tls.key":"Pj4\/"}}""", ">>?")]
    [InlineData("""{"data":{"tls.key":"b2xk","tls.key":"a2V5"}}""", "key")]
    [InlineData("""{"data":{"other":{"tls.key":"b2xk"},"tls.key":"a2V5"},"kind":"Secret"}""", "key")]
    [InlineData("""{"data":{"tls.key":null}}""", "")]
    [InlineData("""{"data":null}""", "")]
    [InlineData("""{"metadata":{"uid":"u","labels":{"uid":"x"}}}""", "")]
    public void Reads_every_form_JSON_has_for_it(string json, string expected)
    {
        using var material = SecretMaterial.Read(Encoding.UTF8.GetBytes(json), Listed);
        Assert.Equal(expected, Text(material.TlsKey));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData(""", "example.com/note": "x" """, true)]
    [InlineData(""", "certsync.clustertrust.dev/enabled": "false" """, false)]
    [InlineData(""", "certsync.clustertrust.dev/name": "other" """, false)]
    [InlineData(""", "certsync.clustertrust.dev/vault": "edge" """, false)]
    [InlineData(""", "cert-manager.io/certificate-name": "other" """, false)]
    public void Recognizes_a_Secret_whose_annotations_were_changed_or_added_since_it_was_listed(string more, bool isAsListed)
    {
        var json = """{"metadata": {"uid": "uid-shop/web-tls", "annotations": {"cert-manager.io/certificate-name": "web" """ + more + "}}}";
        using var material = SecretMaterial.Read(Encoding.UTF8.GetBytes(json), Make.Secret());
        Assert.Equal(isAsListed, material.IsAsListed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"data":[]}""")]
    [InlineData("""{"data":{"tls.key":{"a":"b"}}}""")]
    [InlineData("""{"data":{"tls.key":"!geheim!"}}""")]
    [InlineData("""{"data":{"tls.crt":"Z2VoZWlt","tls.key":"geheim""")]
    [InlineData("""{"metadata":"geheim"}""")]
    [InlineData("""{"metadata":{"uid":7}}""")]
    public void Refuses_anything_else_without_repeating_it(string json)
    {
        var fault = Assert.ThrowsAny<JsonException>(() => SecretMaterial.Read(Encoding.UTF8.GetBytes(json), Listed));
        Assert.DoesNotContain("geheim", fault.ToString(), StringComparison.Ordinal);
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}

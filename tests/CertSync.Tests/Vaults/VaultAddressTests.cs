namespace ClusterTrust.CertSync.Tests.Vaults;

public sealed class VaultAddressTests
{
    [Theory]
    [InlineData("contoso-prod", null, "contoso-prod", "https://contoso-prod.vault.azure.net/")]
    [InlineData(" contoso-prod ", "https://login.microsoftonline.com/", "contoso-prod", "https://contoso-prod.vault.azure.net/")]
    [InlineData("contoso", "https://login.microsoftonline.us/", "contoso", "https://contoso.vault.usgovcloudapi.net/")]
    [InlineData("contoso", "https://login.chinacloudapi.cn/", "contoso", "https://contoso.vault.azure.cn/")]
    [InlineData("contoso", "https://login.partner.microsoftonline.cn/", "contoso", "https://contoso.vault.azure.cn/")]
    [InlineData("contoso", "https://login.example.com/", "contoso", "https://contoso.vault.azure.net/")]
    [InlineData("prod=contoso", null, "prod", "https://contoso.vault.azure.net/")]
    [InlineData("https://contoso.vault.azure.cn", null, "contoso", "https://contoso.vault.azure.cn/")]
    [InlineData("dev=https://localhost:8443/", null, "dev", "https://localhost:8443/")]
    public void Reads_a_name_or_an_address(string text, string? authority, string alias, string address)
    {
        var (vault, fault) = VaultAddress.Parse(text, authority is null ? null : new Uri(authority));
        Assert.Equal((alias, address, null), (vault.Alias, vault.Address.AbsoluteUri, fault));
    }

    [Fact]
    public void Rejects_other_text_with_a_reason() => Assert.All(
    [
        "", "kv", "a-name-with-more-than-24-chars",
        "1contoso", "contoso-", "con--toso", "contoso.vault.azure.net",
        "=contoso", "a b=contoso",
        "https://", "http://contoso.vault.azure.net",
        "https://contoso.vault.azure.net/certificates", "https://contoso.vault.azure.net?x=y", "https://user:secret@contoso.vault.azure.net",
        "https://xn--\u00e4.example",
    ], static text => Assert.NotEmpty(VaultAddress.Parse(text, null).Fault!));

    [Theory]
    [InlineData("contoso", "contoso")]
    [InlineData("prod=contoso", "prod (contoso.vault.azure.net)")]
    public void Shows_the_address_besides_an_alias(string text, string shown) => Assert.Equal(shown, VaultAddress.Parse(text, null).Value.ToString());
}

namespace ClusterTrust.Shared.Tests.Hosting;

public sealed class EnvironmentProxyTests
{
    [Theory]
    [InlineData("10.0.0.0/8,.svc", "https://10.96.0.1", true)]
    [InlineData("10.0.0.0/8", "https://192.0.2.1", false)]
    [InlineData("fd00::/8", "https://[fd00::1]:6443", true)]
    [InlineData("example.org, *", "https://192.0.2.1", true)]
    [InlineData("", "https://127.0.0.1:6443", true)]
    [InlineData("", "https://localhost:6443", true)]
    [InlineData("example.org", "https://api.example.org", true)]
    [InlineData("example.org", "https://example.org:6443", true)]
    [InlineData(".example.org", "https://api.example.org", true)]
    [InlineData("*.example.org", "https://api.example.org", true)]
    [InlineData("ample.org", "https://api.example.org", false)]
    [InlineData("Example.org:6443", "https://api.example.org:6443", true)]
    [InlineData("example.org:6443", "https://api.example.org", false)]
    [InlineData("10.96.0.1:443", "https://10.96.0.1", true)]
    [InlineData("example.org:", "https://api.example.org:6443", true)]
    [InlineData(".example.org", "https://example.org", false)]
    [InlineData("*.example.org:6443", "https://example.org:6443", false)]
    [InlineData("*example.org", "https://api.example.org", false)]
    [InlineData("*:443", "https://api.example.org", false)]
    [InlineData(":443", "https://api.example.org", false)]
    [InlineData("fd00::1", "https://[fd00::1]:6443", true)]
    [InlineData("FD00:0::0001", "https://[fd00::1]:6443", true)]
    [InlineData("[fd00:0::1]:6443", "https://[fd00::1]:6443", true)]
    [InlineData("[fd00::1]:443", "https://[fd00::1]:6443", false)]
    [InlineData("fd00::1", "https://[fd00::2]:6443", false)]
    [InlineData("10.96.0.1", "https://[::ffff:10.96.0.1]", true)]
    [InlineData("::ffff:10.96.0.1", "https://10.96.0.1", true)]
    [InlineData("10.0.0.0/8", "https://[::ffff:10.96.0.1]", true)]
    [InlineData(null, "https://api.example.org", false)]
    public void NO_PROXY_is_read_as_Go_reads_it(string? noProxy, string server, bool bypassed)
    {
        var proxy = new EnvironmentProxy(new WebProxy("http://proxy.example:3128"), noProxy);
        Assert.Equal(bypassed, proxy.IsBypassed(new Uri(server)));
        Assert.Equal(bypassed ? null : new Uri("http://proxy.example:3128"), proxy.GetProxy(new Uri(server)));
    }

    [Theory]
    [InlineData("example.org", null, true)]
    [InlineData(null, "example.org", true)]
    [InlineData("", "example.org", true)]
    [InlineData("example.com", "example.org", false)]
    [InlineData(null, null, false)]
    public void The_first_variable_that_is_not_empty_is_read_once(string? upper, string? lower, bool bypassed)
    {
        var proxy = EnvironmentProxy.Of(new WebProxy("http://proxy.example:3128"), name => name switch { "NO_PROXY" => upper, "no_proxy" => lower, _ => null });
        Assert.Equal(bypassed, proxy.IsBypassed(new Uri("https://api.example.org")));
        Assert.Same(proxy, EnvironmentProxy.Of(proxy, static _ => "*"));
    }
}

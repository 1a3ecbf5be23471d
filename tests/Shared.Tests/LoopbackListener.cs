namespace ClusterTrust.Shared.Tests;

/// <summary>An HTTP server on a free port of this machine, whose requests the test answers.</summary>
internal static class LoopbackListener
{
    public static HttpListener Start(out string address)
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        address = $"http://{free.LocalEndpoint}";
        free.Stop();
        var listener = new HttpListener { Prefixes = { $"{address}/" } };
        listener.Start();
        return listener;
    }
}

namespace ClusterTrust.CertSync.Tests.Job;

internal sealed class FakeEndpoints : IEndpointClient
{
    private readonly ConcurrentDictionary<string, Handshake> _handshakes = new(StringComparer.Ordinal);

    /// <summary>The endpoints that were connected to, in order; those of the operator with an exclamation mark.</summary>
    public ConcurrentQueue<string> Connections { get; } = new();

    public Action<string> OnConnect { get; set; } = static _ => { };

    /// <summary>The outcome for an endpoint that is not set.</summary>
    public Handshake Otherwise { get; set; } = new(null, "nothing there.");

    public void Serve(string endpoint, Issued leaf) =>
        _handshakes[endpoint] = new Handshake(ServedCertificate.Read([leaf.Certificate], reachesRoot: true), "");

    public Task<Handshake> ConnectAsync(Endpoint endpoint, bool publicOnly, CancellationToken cancellationToken)
    {
        Connections.Enqueue($"{endpoint}{(publicOnly ? "" : "!")}");
        OnConnect($"{endpoint}");
        return Task.FromResult(_handshakes.GetValueOrDefault($"{endpoint}", Otherwise));
    }
}

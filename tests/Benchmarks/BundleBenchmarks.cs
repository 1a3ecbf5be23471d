using BenchmarkDotNet.Attributes;
using ClusterTrust.CertSync.Certificates;
using ClusterTrust.Sandbox.CertManager;

namespace ClusterTrust.Benchmarks;

/// <summary>One Secret of the first sync: its PEM entries read, and the file for the vault made.</summary>
[MemoryDiagnoser]
public class BundleBenchmarks : IDisposable
{
    private readonly BundleOptions _options = new();
    private Dictionary<string, byte[]> _data = [];
    private CertificateBundle _bundle = null!;

    /// <summary>The kind of the leaf's key.</summary>
    [Params(false, true)]
    public bool Ec { get; set; }

    [GlobalSetup]
    public void Issue()
    {
        _data = CertificateIssuer.Issue(new CertificateSpec("shop", "web") { Ec = Ec }).Data;
        _bundle = Parsed();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _bundle?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public string ParsePem()
    {
        using var parsed = Parsed();
        return parsed.Facts.Thumbprint;
    }

    [Benchmark]
    public byte[] BuildPfx() => _bundle.ToPfx();

    private CertificateBundle Parsed() => CertificateParser.Parse(_data["tls.crt"], _data["tls.key"], _data["ca.crt"], _options);
}

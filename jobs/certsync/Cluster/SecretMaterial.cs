using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.Text;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>The entries of a Secret, wiped when disposed of. None of them ever becomes a string.</summary>
public sealed class SecretMaterial : IDisposable
{
    private PinnedBuffer? _tlsCrt;
    private PinnedBuffer? _tlsKey;
    private PinnedBuffer? _caCrt;

    private SecretMaterial(TlsSecretRef listed) => Secret = listed;

    /// <summary>The Secret in the version that was read, which may be newer than the one listed.</summary>
    public TlsSecretRef Secret { get; private set; }

    /// <summary>PEM: the certificate and its chain; empty if the Secret has no such entry.</summary>
    public ReadOnlyMemory<byte> TlsCrt => _tlsCrt?.Memory ?? default;

    /// <summary>PEM: the private key; empty if the Secret has no such entry.</summary>
    public ReadOnlyMemory<byte> TlsKey => _tlsKey?.Memory ?? default;

    /// <summary>PEM: CA certificates; empty if the Secret has no such entry.</summary>
    public ReadOnlyMemory<byte> CaCrt => _caCrt?.Memory ?? default;

    /// <param name="json">The object as the API server sent it.</param>
    /// <param name="listed">The Secret as listed; the result has its present uid and version.</param>
    /// <exception cref="JsonException">It is not a Secret. The message quotes nothing: what is there instead may be a key.</exception>
    internal static SecretMaterial Read(ReadOnlySpan<byte> json, TlsSecretRef listed)
    {
        var material = new SecretMaterial(listed);
        try
        {
            var reader = new Utf8JsonReader(json);
            material.Read(ref reader);
            return material;
        }
        catch (Exception fault)
        {
            material.Dispose();
            if (fault is JsonException or InvalidOperationException)
            {
                // The reader's message quotes what follows an invalid literal. InvalidOperationException: an escaped lone surrogate.
                throw NotASecret();
            }

            throw;
        }
    }

    /// <summary>The Secret's name: never what it holds.</summary>
    public override string ToString() => Secret.ToString();

    public void Dispose()
    {
        _tlsCrt?.Dispose();
        _tlsKey?.Dispose();
        _caCrt?.Dispose();
    }

    private void Read(ref Utf8JsonReader reader)
    {
        Expect(reader.Read() && reader.TokenType == JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                ReadMetadata(ref reader);
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                ReadData(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(reader.Read() && reader.TokenType == JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("uid"u8))
            {
                Secret = Secret with { Uid = ReadText(ref reader) };
            }
            else if (reader.ValueTextEquals("resourceVersion"u8))
            {
                Secret = Secret with { ResourceVersion = ReadText(ref reader) };
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadData(ref Utf8JsonReader reader)
    {
        Expect(reader.Read() && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.Null);
        while (reader.TokenType != JsonTokenType.Null && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("tls.crt"u8))
            {
                ReadEntry(ref reader, ref _tlsCrt);
            }
            else if (reader.ValueTextEquals("tls.key"u8))
            {
                ReadEntry(ref reader, ref _tlsKey);
            }
            else if (reader.ValueTextEquals("ca.crt"u8))
            {
                ReadEntry(ref reader, ref _caCrt);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void ReadEntry(ref Utf8JsonReader reader, ref PinnedBuffer? entry)
    {
        Expect(reader.Read() && reader.TokenType is JsonTokenType.String or JsonTokenType.Null);
        entry?.Dispose();
        entry = null;
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        // Base64 is a third longer than what it encodes, and is decoded in place.
        entry = new PinnedBuffer(Math.Max(1, reader.ValueSpan.Length));
        var target = entry.Free(reader.ValueSpan.Length).Span;
        var length = reader.CopyString(target);
        Expect(Base64.DecodeFromUtf8InPlace(target[..length], out var written) == OperationStatus.Done);
        entry.Advance(written);
    }

    private static string ReadText(ref Utf8JsonReader reader)
    {
        Expect(reader.Read() && reader.TokenType == JsonTokenType.String);
        return reader.GetString()!;
    }

    private static void Expect(bool condition)
    {
        if (!condition)
        {
            throw NotASecret();
        }
    }

    private static JsonException NotASecret() => new("not a Secret");
}

using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.Text;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>The entries of a Secret, wiped when disposed of.</summary>
public sealed class SecretMaterial : IDisposable
{
    private readonly PinnedBuffer? _tlsCrt;
    private readonly PinnedBuffer? _tlsKey;
    private readonly PinnedBuffer? _caCrt;

    internal SecretMaterial(TlsSecretRef secret, PinnedBuffer? tlsCrt, PinnedBuffer? tlsKey, PinnedBuffer? caCrt) =>
        (Secret, _tlsCrt, _tlsKey, _caCrt) = (secret, tlsCrt, tlsKey, caCrt);

    /// <summary>The Secret in the version that was read, which may be newer than the one listed.</summary>
    public TlsSecretRef Secret { get; }

    /// <summary>PEM: the certificate and its chain; empty if the Secret has no such entry.</summary>
    public ReadOnlyMemory<byte> TlsCrt => _tlsCrt?.Memory ?? default;

    /// <summary>PEM: the private key; empty if the Secret has no such entry.</summary>
    public ReadOnlyMemory<byte> TlsKey => _tlsKey?.Memory ?? default;

    /// <summary>PEM: CA certificates; empty if the Secret has no such entry.</summary>
    public ReadOnlyMemory<byte> CaCrt => _caCrt?.Memory ?? default;

    /// <summary>The Secret's name: never what it holds.</summary>
    public override string ToString() => Secret.ToString();

    public void Dispose()
    {
        _tlsCrt?.Dispose();
        _tlsKey?.Dispose();
        _caCrt?.Dispose();
    }
}

/// <summary>Reads a Secret's JSON without making a string of any entry.</summary>
internal static class SecretDocument
{
    /// <param name="json">The object as the API server sent it.</param>
    /// <param name="listed">The Secret as listed; the result has its present uid and version.</param>
    /// <exception cref="JsonException">It is not a Secret.</exception>
    public static SecretMaterial Read(ReadOnlySpan<byte> json, TlsSecretRef listed)
    {
        var reader = new Utf8JsonReader(json);
        PinnedBuffer? tlsCrt = null, tlsKey = null, caCrt = null;
        var secret = listed;
        var isWhole = false;
        try
        {
            Expect(reader.Read() && reader.TokenType == JsonTokenType.StartObject);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("metadata"u8))
                {
                    secret = Metadata(ref reader, secret);
                }
                else if (reader.ValueTextEquals("data"u8))
                {
                    Data(ref reader, ref tlsCrt, ref tlsKey, ref caCrt);
                }
                else
                {
                    reader.Skip();
                }
            }

            isWhole = true;
            return new SecretMaterial(secret, tlsCrt, tlsKey, caCrt);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // The reader's message quotes what follows an invalid literal, possibly a key. InvalidOperationException: an escaped lone surrogate.
            throw new JsonException("not a Secret");
        }
        finally
        {
            if (!isWhole)
            {
                tlsCrt?.Dispose();
                tlsKey?.Dispose();
                caCrt?.Dispose();
            }
        }
    }

    private static TlsSecretRef Metadata(ref Utf8JsonReader reader, TlsSecretRef secret)
    {
        Expect(reader.Read() && reader.TokenType == JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("uid"u8))
            {
                secret = secret with { Uid = Text(ref reader) };
            }
            else if (reader.ValueTextEquals("resourceVersion"u8))
            {
                secret = secret with { ResourceVersion = Text(ref reader) };
            }
            else
            {
                reader.Skip();
            }
        }

        return secret;
    }

    private static void Data(ref Utf8JsonReader reader, ref PinnedBuffer? tlsCrt, ref PinnedBuffer? tlsKey, ref PinnedBuffer? caCrt)
    {
        Expect(reader.Read() && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.Null);
        while (reader.TokenType != JsonTokenType.Null && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("tls.crt"u8))
            {
                Entry(ref reader, ref tlsCrt);
            }
            else if (reader.ValueTextEquals("tls.key"u8))
            {
                Entry(ref reader, ref tlsKey);
            }
            else if (reader.ValueTextEquals("ca.crt"u8))
            {
                Entry(ref reader, ref caCrt);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void Entry(ref Utf8JsonReader reader, ref PinnedBuffer? entry)
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

    private static string Text(ref Utf8JsonReader reader)
    {
        Expect(reader.Read() && reader.TokenType == JsonTokenType.String);
        return reader.GetString()!;
    }

    private static void Expect(bool condition)
    {
        if (!condition)
        {
            // The message does not quote what is there instead: it may be a key.
            throw new JsonException("not a Secret");
        }
    }
}

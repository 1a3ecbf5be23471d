using System.Buffers.Binary;
using System.Net.Sockets;

namespace ClusterTrust.EndToEnd.Tests.Surroundings;

/// <summary>A name server on an address of its own in 127.0.0.0/8, port 53, that fails (SERVFAIL) for each name at first and then says 127.0.0.1.</summary>
internal sealed class NameServer : IAsyncDisposable
{
    private const int Header = 12;
    private const int AddressType = 1;

    private readonly UdpClient _socket;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, int> _asked = new(StringComparer.OrdinalIgnoreCase);
    private readonly int _failures;
    private readonly Task _serving;

    /// <param name="failures">How many questions after a name's address are answered with SERVFAIL.</param>
    public NameServer(int failures)
    {
        this._failures = failures;
        Address = new IPAddress([127, (byte)Random.Shared.Next(1, 255), (byte)Random.Shared.Next(256), (byte)Random.Shared.Next(1, 255)]);
        _socket = new UdpClient(new IPEndPoint(Address, 53));
        _serving = ServeAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPAddress Address { get; }

    /// <summary>How often the address of each name was asked for.</summary>
    public IReadOnlyDictionary<string, int> Asked => _asked;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var question = await _socket.ReceiveAsync(_stop.Token);
                await _socket.SendAsync(Answer(question.Buffer), question.RemoteEndPoint, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    /// <summary>RFC 1035 §4.1, for one question.</summary>
    private byte[] Answer(byte[] query)
    {
        var (name, end) = ReadName(query);
        var isAddress = BinaryPrimitives.ReadUInt16BigEndian(query.AsSpan(end)) == AddressType;
        var fails = isAddress ? _asked.AddOrUpdate(name, 1, static (_, count) => count + 1) <= _failures : _asked.GetValueOrDefault(name) <= _failures;
        byte[] record = isAddress && !fails ? [0xC0, Header, 0, AddressType, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1] : [];
        byte[] answer = [.. query[..(end + 4)], .. record];
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(2), (ushort)(0x8180 | (fails ? 2 : 0)));
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(6), (ushort)(record.Length > 0 ? 1 : 0));
        answer.AsSpan(8, 4).Clear();
        return answer;
    }

    private static (string Name, int End) ReadName(byte[] query)
    {
        var name = new StringBuilder();
        var at = Header;
        for (; query[at] != 0; at += query[at] + 1)
        {
            name.Append(name.Length > 0 ? "." : "").Append(Encoding.ASCII.GetString(query, at + 1, query[at]));
        }

        return (name.ToString(), at + 1);
    }
}

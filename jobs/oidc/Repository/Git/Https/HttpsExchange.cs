namespace ClusterTrust.Oidc.Repository.Git.Https;

/// <summary>One request and its answer. libgit2 says everything first and then reads.</summary>
internal sealed class HttpsExchange(HttpsTransport transport, GitService service, bool advertises, TimeSpan idle) : GitExchange(transport, service, advertises)
{
    private readonly MemoryStream request = new();
    private readonly bool lists = advertises;
    private HttpResponseMessage? response;
    private Stream? answer;

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> data) => request.Write(data);

    protected override int Receive(Span<byte> buffer)
    {
        // libgit2 calls from a thread of its own making, without anything to await it.
        var received = new byte[buffer.Length];
        var count = ReceiveAsync(received).GetAwaiter().GetResult();
        received.AsSpan(0, count).CopyTo(buffer);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        answer?.Dispose();
        response?.Dispose();
        request.Dispose();
    }

    private async Task<int> ReceiveAsync(Memory<byte> buffer)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Transport.Cancellation);
        limit.CancelAfter(idle);
        try
        {
            // A bare null would become an empty memory here, by the conversion from byte[].
            response ??= await transport.SendAsync(Service, lists ? default(ReadOnlyMemory<byte>?) : request.ToArray(), limit.Token);
            answer ??= await response.Content.ReadAsStreamAsync(limit.Token);
            return await answer.ReadAsync(buffer, limit.Token);
        }
        catch (OperationCanceledException late) when (!Transport.Cancellation.IsCancellationRequested)
        {
            throw new TransientGitException($"The server of {Transport.Address} said nothing for {idle.TotalSeconds:0} s: try again later.", late);
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            throw new TransientGitException($"The connection to {Transport.Address} broke: try again later.", broken);
        }
    }
}

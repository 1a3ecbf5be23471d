namespace ClusterTrust.Sandbox.Servers;

/// <summary>
/// Ports for servers that are stopped and started again on the same one. The system's own choice would be out of the range that it also
/// assigns to connections and other listeners, and a stopped server might find its port in use.
/// </summary>
internal static class LoopbackPorts
{
    // Below what Linux takes for itself (ip_local_port_range begins at 32768), above what is registered for much.
    private const int First = 20_000;
    private const int Count = 12_000;

    private static int _last = Random.Shared.Next(Count);

    /// <summary>A free port on 127.0.0.1 that no other server of this process was given, until all have had their turn.</summary>
    public static int Take()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _last) % Count);
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException fault) when (fault.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // In use by another process: try the next one.
            }
        }
    }
}

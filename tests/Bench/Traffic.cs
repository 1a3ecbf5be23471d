namespace ClusterTrust.Bench;

/// <summary>What one server saw of a run.</summary>
/// <param name="Server">Its name.</param>
/// <param name="Requests">Requests; for SSH, commands.</param>
/// <param name="Bytes">Bodies both ways; for SSH, everything on the wire.</param>
/// <param name="SecretReads">How many of the requests read a Secret with its key.</param>
internal sealed record Traffic(string Server, long Requests, long Bytes, long SecretReads = 0)
{
    public static Traffic operator -(Traffic after, Traffic before) => new(
        after.Server, after.Requests - before.Requests, after.Bytes - before.Bytes, after.SecretReads - before.SecretReads);
}

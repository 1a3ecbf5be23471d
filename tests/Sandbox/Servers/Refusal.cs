namespace ClusterTrust.Sandbox.Servers;

/// <summary>A refusal in the form and the words of the real service, which the server writes.</summary>
internal abstract class Refusal(int status, string message) : Exception(message)
{
    public int Status { get; } = status;

    public abstract JsonObject ToJson();
}

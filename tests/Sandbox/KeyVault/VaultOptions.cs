namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>How a vault behaves. Assign a changed copy to <see cref="Vault.Options"/> at any time.</summary>
public sealed record VaultOptions
{
    /// <summary>The vault's DNS suffix, which also chooses the cloud: <c>vault.azure.net</c>, <c>vault.usgovcloudapi.net</c> or <c>vault.azure.cn</c>.</summary>
    public string Suffix { get; init; } = "vault.azure.net";

    public PermissionModel PermissionModel { get; init; } = PermissionModel.Rbac;

    /// <summary>How long a deletion takes (the real service: 10 to 21 seconds). Zero by default.</summary>
    public TimeSpan DeleteDelay { get; init; }

    /// <summary>How long a recovery takes (the real service: about 10 seconds). Zero by default.</summary>
    public TimeSpan RecoverDelay { get; init; }

    public int RecoverableDays { get; init; } = 90;

    /// <summary>Every call is refused by the vault's firewall.</summary>
    public bool FirewallClosed { get; init; }

    public ThrottleLimits Throttle { get; init; } = new();

    internal string RecoveryLevel => $"{(RecoverableDays < 90 ? "Customized" : "")}Recoverable+Purgeable";
}

/// <summary>How a vault decides on rights; here it only changes how a refusal is worded.</summary>
public enum PermissionModel
{
    Rbac,
    AccessPolicy,
}

/// <summary>How many requests a vault takes in any ten seconds before it answers 429; null means no limit.</summary>
public sealed record ThrottleLimits(int? Imports = null, int? Others = null)
{
    /// <summary>The documented limits of the real service per vault and ten seconds.</summary>
    public static ThrottleLimits Documented { get; } = new(300, 4000);
}

/// <summary>Counts the requests accepted in the last ten seconds. Refused ones do not count.</summary>
internal sealed class ThrottleWindow
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(10);
    private readonly Queue<DateTimeOffset> _accepted = new();
    private readonly Lock _gate = new();

    public bool Accepts(int? limit, DateTimeOffset now)
    {
        lock (_gate)
        {
            while (_accepted.TryPeek(out var oldest) && oldest + Length <= now)
            {
                _accepted.Dequeue();
            }

            if (_accepted.Count >= limit)
            {
                return false;
            }

            _accepted.Enqueue(now);
            return true;
        }
    }
}

namespace ClusterTrust.Hosting.Settings;

/// <summary>Makes settings of reference types optional.</summary>
public static class OptionalReferenceSetting
{
    /// <summary>The same setting, null when nobody sets it.</summary>
    public static Setting<T?> Optional<T>(this Setting<T> setting) where T : class =>
        ((Setting<T?>)(object)setting).WithDefault(null);
}

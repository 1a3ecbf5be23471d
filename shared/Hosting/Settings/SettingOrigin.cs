namespace ClusterTrust.Hosting.Settings;

/// <summary>Where exactly a setting's value came from.</summary>
/// <param name="Source">The kind of source.</param>
/// <param name="Name">
/// The name under which the user set it, as faults show it: the flag, the environment variable, or the JSON key and its file.
/// For a default it is the flag (for a secret the environment variable).
/// </param>
public sealed record SettingOrigin(SettingSource Source, string Name);

using ClusterTrust.Hosting.Settings;
using Microsoft.Extensions.DependencyInjection;

namespace ClusterTrust.Hosting;

/// <summary>One command of a job.</summary>
/// <param name="Name">Its name: <c>plan</c>.</param>
/// <param name="Description">One sentence for <c>--help</c>.</param>
public sealed record JobCommand(string Name, string Description)
{
    /// <summary>What can be set. Those of <see cref="CommonSettings"/> are added by the application.</summary>
    public IReadOnlyList<Setting> Settings { get; init; } = [];

    /// <summary>Command lines for <c>--help</c>, each with what it does.</summary>
    public IReadOnlyList<(string CommandLine, string Purpose)> Examples { get; init; } = [];

    /// <summary>What every log line of a run carries, such as the cluster; asks values by <see cref="SettingValues.TryGet"/>.</summary>
    public Func<SettingValues, IReadOnlyList<KeyValuePair<string, object?>>> Scope { get; init; } = static _ => [];

    /// <summary>
    /// Checks values against each other and adds to <see cref="SettingValues.Faults"/>. Runs also when single values are at fault, so
    /// that all is said at once: it asks by <see cref="SettingValues.TryGet"/>.
    /// </summary>
    public Action<SettingValues> Validate { get; init; } = static _ => { };

    /// <summary>Registers the <see cref="IJob"/> and what it needs. Runs only when every value is right.</summary>
    public required Action<IServiceCollection, SettingValues> Configure { get; init; }
}

using System.Collections.Concurrent;

namespace ClusterTrust.Manifests.Tests.Rendering;

/// <summary>A copy of the manifests in which a test sets the overlays' settings.</summary>
internal sealed class Workspace : IDisposable
{
    private const string Header = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";
    private static readonly ConcurrentDictionary<string, Lazy<Rendered>> Known = new();
    private readonly TemporaryFolder _folder = new("clustertrust-manifests-");

    public Workspace() => Copy(_folder.Path, "manifests", "kustomize");

    /// <summary>Where an overlay over every overlay moves all of it; null as long as nothing is moved.</summary>
    public (string Namespace, string Prefix)? Move { get; set; }

    public static string Root { get; } = Binaries.RepositoryRoot(AppContext.BaseDirectory);

    /// <summary>The names of all overlays and components: <c>overlays/aks</c>, <c>components/oidc/deploy-key</c>.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "kustomize"), "kustomization.yaml", SearchOption.AllDirectories)
            .Select(static file => Path.GetRelativePath(Path.Combine(Root, "kustomize"), Path.GetDirectoryName(file)!))
            .Where(static name => name.StartsWith("overlays/", StringComparison.Ordinal) || name.StartsWith("components/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Copies files and whole folders of the repository to another folder.</summary>
    public static void Copy(string target, params string[] paths)
    {
        foreach (var path in paths.Select(static path => Path.Combine(Root, path)))
        {
            foreach (var file in Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories) : [path])
            {
                var copy = Path.Combine(target, Path.GetRelativePath(Root, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }
        }
    }

    /// <summary>An overlay, or a component alone on top of what it extends, as the repository has it.</summary>
    public static Rendered Render(string name) => Known.GetOrAdd(name, static name => new(() =>
    {
        using var workspace = new Workspace();
        return IsComponent(name) ? workspace.Compose(name, BasesOf(name), [name]) : workspace.Build(name);
    })).Value;

    /// <summary>
    /// Overlays, and components alone on top of what they extend, each moved to a namespace and under a prefix of its own: all by one run of
    /// kustomize, which takes longer to start than to build. A label tells whose an object is.
    /// </summary>
    public static IReadOnlyDictionary<string, (Rendered Rendered, string Namespace)> RenderMoved(IEnumerable<string> names, string space, string prefix)
    {
        using var workspace = new Workspace();
        var moved = names.Index().ToDictionary(static one => $"{one.Index}", static one => one.Item);
        foreach (var (number, name) in moved)
        {
            var overlay = name;
            if (IsComponent(name))
            {
                workspace.WriteComposed(overlay = $"overlays/composed-{number}", BasesOf(name), [name]);
            }

            workspace.WriteMoved($"overlays/moved-{number}", overlay, ($"{space}-{number}", $"{prefix}{number}-"), $"labels: [{{pairs: {{number: \"{number}\"}}}}]\n");
        }

        workspace.Write("kustomize/overlays/all/kustomization.yaml", $"{Header}resources: [{string.Join(", ", moved.Keys.Select(static number => $"../moved-{number}"))}]\n");
        var objects = YamlText.Read(Kustomize.Build(workspace.FolderOf("overlays/all"))).GroupBy(static one => one["metadata"]!["labels"].Text("number")!).ToDictionary(static one => one.Key, static one => one.ToArray());
        return moved.ToDictionary(static one => one.Value, one => (new Rendered(one.Value, objects[one.Key]), $"{space}-{one.Key}"));
    }

    public void Write(string path, string text) => _folder.Write(path, text);

    public string FolderOf(string overlay) => _folder.Combine("kustomize", overlay);

    /// <summary>Builds an overlay with the settings written here.</summary>
    public Rendered Build(string overlay)
    {
        var built = overlay;
        if (Move is { } move)
        {
            WriteMoved(built = "overlays/moved", overlay, move);
        }

        return new(overlay, YamlText.Read(Kustomize.Build(FolderOf(built))));
    }

    /// <summary>Builds an overlay of bases, components and settings.</summary>
    public Rendered Compose(string name, IReadOnlyList<string> bases, IReadOnlyList<string> components, params (string Job, string[] Settings)[] settings)
    {
        WriteComposed("overlays/composed", bases, components, settings);
        return Build("overlays/composed") with { Name = name };
    }

    public void Dispose() => _folder.Dispose();

    private void WriteComposed(string overlay, IEnumerable<string> bases, IEnumerable<string> components, params (string Job, string[] Settings)[] settings)
    {
        foreach (var (job, values) in settings)
        {
            Write($"kustomize/{overlay}/{job}.env", string.Concat(LastOfEach(values)));
        }

        Write($"kustomize/{overlay}/kustomization.yaml", $"""
            {Header}resources: [{string.Join(", ", bases.Select(static one => $"../../../manifests/{one}"))}]
            components: [{string.Join(", ", components.Select(static one => $"../../{one}"))}]
            configMapGenerator: [{string.Join(", ", settings.Select(static one => $"{{name: {one.Job}-settings, namespace: clustertrust, behavior: merge, envs: [{one.Job}.env]}}"))}]

            """);
    }

    private void WriteMoved(string moved, string overlay, (string Namespace, string Prefix) to, string more = "") => Write(
        $"kustomize/{moved}/kustomization.yaml", $"{Header}namespace: {to.Namespace}\nnamePrefix: {to.Prefix}\nresources: [../../{overlay}]\n{more}");

    /// <summary>An .env file names each setting once; here a later one takes an earlier one's place.</summary>
    private static IEnumerable<string> LastOfEach(IEnumerable<string> settings) =>
        settings.GroupBy(static one => one.Split('=')[0]).Select(static group => group.Last() + "\n");

    private static bool IsComponent(string name) => name.StartsWith("components/", StringComparison.Ordinal);

    private static string[] BasesOf(string component) => component.Split('/')[1] switch
    {
        "oidc" => ["namespace", "oidc"],
        "certsync" => ["namespace", "certsync"],
        "jobs" => ["namespace", "oidc", "certsync"],
        _ => [],
    };
}

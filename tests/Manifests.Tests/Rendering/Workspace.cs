using System.Collections.Concurrent;

namespace ClusterTrust.Manifests.Tests.Rendering;

/// <summary>A copy of the manifests in which a test sets the overlays' settings.</summary>
internal sealed class Workspace : IDisposable
{
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
        return workspace.BuildAny(name);
    })).Value;

    /// <summary>Builds an overlay, or a component alone on top of what it extends, with the settings written here.</summary>
    public Rendered BuildAny(string name) => name.StartsWith("components/", StringComparison.Ordinal) ? Compose(name, BasesOf(name), [name]) : Build(name);

    public void Write(string path, string text) => _folder.Write(path, text);

    public string FolderOf(string overlay) => _folder.Combine("kustomize", overlay);

    /// <summary>Builds an overlay with the settings written here.</summary>
    public Rendered Build(string overlay)
    {
        var built = overlay;
        if (Move is { } move)
        {
            built = "overlays/moved";
            _folder.Write(
                $"kustomize/{built}/kustomization.yaml",
                $"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: {move.Namespace}\nnamePrefix: {move.Prefix}\nresources: [../../{overlay}]\n");
        }

        return new(overlay, YamlText.Read(Kustomize.Build(FolderOf(built))));
    }

    /// <summary>Builds an overlay of bases, components and settings.</summary>
    public Rendered Compose(string name, IReadOnlyList<string> bases, IReadOnlyList<string> components, params (string Job, string[] Settings)[] settings)
    {
        var lines = new List<string> { "apiVersion: kustomize.config.k8s.io/v1beta1", "kind: Kustomization" };
        AddList("resources", bases.Select(static one => $"../../../manifests/{one}"));
        AddList("components", components.Select(static one => $"../../{one}"));
        lines.AddRange(settings.Length > 0 ? ["configMapGenerator:"] : []);
        foreach (var (job, values) in settings)
        {
            _folder.Write($"kustomize/overlays/composed/{job}.env", string.Concat(LastOfEach(values)));
            lines.AddRange([$"  - name: {job}-settings", "    namespace: clustertrust", "    behavior: merge", $"    envs: [{job}.env]"]);
        }

        _folder.Write("kustomize/overlays/composed/kustomization.yaml", string.Join('\n', lines) + "\n");
        return Build("overlays/composed") with { Name = name };

        void AddList(string key, IEnumerable<string> entries)
        {
            var all = entries.ToArray();
            lines.AddRange(all.Length > 0 ? [$"{key}:", .. all.Select(static entry => $"  - {entry}")] : []);
        }
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>An .env file names each setting once; here a later one takes an earlier one's place.</summary>
    private static IEnumerable<string> LastOfEach(IEnumerable<string> settings) =>
        settings.GroupBy(static one => one.Split('=')[0]).Select(static group => group.Last() + "\n");

    private static string[] BasesOf(string component) => component.Split('/')[1] switch
    {
        "oidc" => ["namespace", "oidc"],
        "certsync" => ["namespace", "certsync"],
        "jobs" => ["namespace", "oidc", "certsync"],
        _ => [],
    };
}

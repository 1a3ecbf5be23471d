namespace ClusterTrust.Manifests.Tests.Rules;

/// <summary>A rule that every object of a kind must meet.</summary>
/// <param name="Sentence">What is expected, as a fault reports it.</param>
internal sealed record Rule(string Sentence, Func<Rendered, IEnumerable<string>> Breaches)
{
    public IEnumerable<string> Faults(Rendered rendered) => Breaches(rendered).Select(title => $"{title}: {Sentence}");

    public static Rule Object(string sentence, Func<JsonObject, bool> holds) => new(sentence, rendered => Titles(rendered.Objects.Where(one => !holds(one))));

    /// <summary>A rule for every object of a kind.</summary>
    public static Rule OfKind(string kind, string sentence, Func<JsonObject, bool> holds) => OfKind(kind, sentence, (one, _) => holds(one));

    /// <summary>A rule for every object of a kind among the others of its folder.</summary>
    public static Rule OfKind(string kind, string sentence, Func<JsonObject, Rendered, bool> holds) =>
        new(sentence, rendered => Titles(rendered.OfKind(kind).Where(one => !holds(one, rendered))));

    public static Rule Pod(string sentence, Func<JsonObject, bool> holds) => new(sentence, rendered => from pod in rendered.Pods() where !holds(pod.Spec) select pod.Title);

    /// <summary>A rule for every container of a pod, of whatever kind.</summary>
    public static Rule Container(string sentence, Func<JsonObject, bool> holds) => Container(sentence, (container, _) => holds(container));

    /// <summary>A rule for every container beside the rest of its pod's spec.</summary>
    public static Rule Container(string sentence, Func<JsonObject, JsonObject, bool> holds) => new(sentence, rendered =>
        from pod in rendered.Pods()
        from list in new[] { "initContainers", "containers", "ephemeralContainers" }
        from container in pod.Spec[list].Items()
        where !holds(container, pod.Spec)
        select $"{pod.Title}: container {container.Text("name")}");

    private static IEnumerable<string> Titles(IEnumerable<JsonObject> objects) => objects.Select(Rendered.Title);
}

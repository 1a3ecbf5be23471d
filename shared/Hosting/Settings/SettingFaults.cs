using System.Collections;

namespace ClusterTrust.Hosting.Settings;

/// <summary>Everything that is wrong with what the user set, collected so that it can be said at once.</summary>
public sealed class SettingFaults : IReadOnlyList<string>
{
    private readonly List<string> _sentences = [];
    private readonly Func<Setting, string> _nameOf;

    internal SettingFaults(Func<Setting, string> nameOf) => _nameOf = nameOf;

    /// <inheritdoc/>
    public int Count => _sentences.Count;

    /// <inheritdoc/>
    public string this[int index] => _sentences[index];

    /// <summary>Adds a fault of one setting, named as the user set it.</summary>
    /// <param name="setting">The setting at fault.</param>
    /// <param name="predicate">What would be right, worded to follow its name: <c>must be shorter than --timeout</c>.</param>
    public void Add(Setting setting, string predicate) => Add($"{_nameOf(setting)} {predicate}");

    /// <summary>Adds a fault that names its setting itself.</summary>
    /// <param name="sentence">The whole sentence, without a full stop.</param>
    public void Add(string sentence)
    {
        if (!_sentences.Contains(sentence))
        {
            _sentences.Add(sentence);
        }
    }

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => _sentences.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

namespace ClusterTrust.Oidc.Site;

/// <summary>Composes the commit message, which records every change of keys.</summary>
internal static class CommitText
{
    public static string Subject(string issuer, KeyRetention keys) => (keys.Added.Count, keys.Removed.Count) switch
    {
        (0, 0) => $"Update the issuer {issuer}",
        (var added, 0) => $"Add {Keys(added)} to the issuer {issuer}",
        (0, var removed) => $"Remove {Keys(removed)} from the issuer {issuer}",
        var (added, removed) => $"Add {Keys(added)} to and remove {removed} from the issuer {issuer}",
    };

    public static string Body(KeyRetention keys, PublishedState? before, SitePlanOptions options)
    {
        var text = new StringBuilder();
        Section("Added:", keys.Added);
        Section("Removed:", keys.Removed, kid => options.DropKeys.Contains(kid) ? " (dropped by --drop-key)" : "");
        Section("No longer served, kept for now:", keys.Retained, Until);
        Section("Served again:", keys.Kept.Where(kid => before?.Keys.Any(k => k.Kid == kid && k.RemovedAt is not null) == true));
        Section("Unchanged:", keys.Kept);
        return text.ToString();

        void Section(string title, IEnumerable<string> kids, Func<string, string>? remark = null)
        {
            foreach (var (position, kid) in kids.Index())
            {
                text.Append(position == 0 ? (text.Length == 0 ? "" : "\n") + title + "\n" : "")
                    .Append("- ").Append(kid).Append(remark?.Invoke(kid)).Append('\n');
            }
        }

        string Until(string kid) =>
            $" (until {Sentence.Time(keys.State.Keys.First(state => state.Kid == kid).RemovedAt!.Value + options.RetainRemovedKeys)})";
    }

    private static string Keys(int count) => count == 1 ? "a key" : $"{count} keys";
}

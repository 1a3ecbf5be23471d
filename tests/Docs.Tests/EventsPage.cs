using System.Reflection;
using System.Text;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Docs.Tests;

/// <summary>Writes the page that lists every log event, from the declarations themselves.</summary>
internal static class EventsPage
{
    private static readonly (string Title, Assembly Assembly)[] Parts =
    [
        ("oidc", Assembly.Load("oidc")),
        ("certsync", Assembly.Load("certsync")),
        ("Both jobs", Assembly.Load("ClusterTrust.Shared")),
    ];

    /// <summary>Every declared event with the part it belongs to.</summary>
    public static IEnumerable<(string Part, int Id, string Name, LogLevel Level, string Message)> Events() =>
        from part in Parts
        from type in part.Assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        let declared = method.GetCustomAttribute<LoggerMessageAttribute>()
        where declared is not null
        orderby declared.EventId
        select (part.Title, declared.EventId, declared.EventName ?? method.Name, declared.Level, declared.Message);

    /// <summary>The page.</summary>
    public static string Write()
    {
        var page = new StringBuilder("""
            # Log events

            Every line of the logs is one of these events. Ids and names are stable: alert on them, not on the wording. JSON lines have them as
            `eventId` and `event`, and the values of the parts in braces in `fields`. `make docs` writes this page from the code.

            """);
        foreach (var part in Events().GroupBy(declared => declared.Part))
        {
            page.Append("\n## ").Append(part.Key).Append("\n\n| id | event | level | message |\n|---|---|---|---|\n");
            foreach (var (_, id, name, level, message) in part)
            {
                page.Append("| ").Append(id).Append(" | `").Append(name).Append("` | ")
                    .Append(level.ToString().ToLowerInvariant()).Append(" | ").Append(message.Replace("|", "\\|", StringComparison.Ordinal)).Append(" |\n");
            }
        }

        return page.ToString();
    }
}

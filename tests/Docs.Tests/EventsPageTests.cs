using System.Reflection;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Docs.Tests;

/// <summary>The page that lists every log event, written from the declarations themselves.</summary>
public sealed class EventsPageTests
{
    private const string Both = "Both jobs";

    /// <summary>Every declared event with the part it belongs to.</summary>
    private static readonly (string Part, int Id, string Name, LogLevel Level, string Message)[] Events =
    [
        .. from part in new (string Title, string Assembly)[] { ("oidc", "oidc"), ("certsync", "certsync"), (Both, "ClusterTrust.Shared") }
           from type in Assembly.Load(part.Assembly).GetTypes()
           from method in type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
           let declared = method.GetCustomAttribute<LoggerMessageAttribute>()
           where declared is not null
           orderby declared.EventId
           select (part.Title, declared.EventId, declared.EventName ?? method.Name, declared.Level, declared.Message),
    ];

    [Theory]
    [InlineData("oidc")]
    [InlineData("certsync")]
    public void No_two_events_of_a_job_share_an_id_or_a_name(string job)
    {
        var events = Events.Where(declared => declared.Part == job || declared.Part == Both).ToArray();
        Assert.Distinct(events.Select(static declared => declared.Id));
        Assert.Distinct(events.Select(static declared => declared.Name), StringComparer.Ordinal);
    }

    [Fact]
    public void The_page_is_what_the_code_declares()
    {
        var page = new StringBuilder("""
            # Log events

            Every line of the logs is one of these events. Ids and names are stable: alert on them, not on the wording. JSON lines have them as
            `eventId` and `event`, and the values of the parts in braces in `fields`. `make docs` writes this page from the code.

            """);
        foreach (var part in Events.GroupBy(static declared => declared.Part))
        {
            page.Append(null, $"\n## {part.Key}\n\n| id | event | level | message |\n|---|---|---|---|\n");
            foreach (var (_, id, name, level, message) in part)
            {
                page.Append(null, $"| {id} | `{name}` | {level.ToString().ToLowerInvariant()} | {message.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
            }
        }

        Repository.AssertUpToDate("docs/events.md", page.ToString());
    }
}

namespace ClusterTrust.Docs.Tests;

public sealed class EventsPageTests
{
    [Fact]
    public void No_two_events_of_a_job_share_an_id_or_a_name()
    {
        foreach (var job in new[] { "oidc", "certsync" })
        {
            var events = EventsPage.Events().Where(declared => declared.Part == job || declared.Part == "Both jobs").ToArray();
            Assert.Equal(events.Length, events.Select(declared => declared.Id).Distinct().Count());
            Assert.Equal(events.Length, events.Select(declared => declared.Name).Distinct(StringComparer.Ordinal).Count());
        }
    }

    [Fact]
    public void The_page_is_what_the_code_declares() => Repository.AssertUpToDate("docs/events.md", EventsPage.Write());
}

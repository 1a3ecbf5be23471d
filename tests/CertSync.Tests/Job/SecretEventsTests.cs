namespace ClusterTrust.CertSync.Tests.Job;

public sealed class SecretEventsTests
{
    [Theory]
    [InlineData(ActionKind.Create, Reason.NotInVault, "web in main: The certificate was imported.")]
    [InlineData(ActionKind.Renew, Reason.NewerInCluster, "web in main: A new version was imported, because the cluster had another certificate.")]
    [InlineData(ActionKind.Renew, Reason.ChainChanged, "web in main: A new version was imported, because the chain of the certificate had changed or was unknown.")]
    [InlineData(ActionKind.Recover, Reason.SoftDeleted, "web in main: The name was recovered from soft deletion and has the certificate of the cluster.")]
    [InlineData(ActionKind.UpdateTags, Reason.SourceMoved, "web in main: The tags were updated; the certificate is the same.")]
    [InlineData(ActionKind.Refuse, Reason.NotOurs, "web in main: what was found.")]
    [InlineData(ActionKind.Fail, Reason.VaultUnavailable, "web in main: what was found.")]
    [InlineData(ActionKind.Refuse, Reason.UnknownVault, "what was found.")]
    public void An_Event_tells_what_was_done_or_why_nothing_was(ActionKind kind, Reason reason, string note) =>
        Assert.Equal(note, SecretEvents.NoteOf(new SyncAction(kind, reason, "what was found.") { Vault = "main", Name = reason == Reason.UnknownVault ? "" : "web" }));

    [Fact]
    public void Tens_of_thousands_of_Secrets_of_one_namespace_cause_a_thousand_Events()
    {
        var lines = Enumerable.Range(0, 2001).Select(static number =>
            new SyncAction(ActionKind.Refuse, Reason.InvalidCertificate, "") { Sources = [new TlsSecretRef(number == 2000 ? "shop" : "junk", $"{number}", "", "")] });
        Assert.Equal([("junk", 1000), ("shop", 1)], SecretEvents.SelectFrom(lines).CountBy(static one => one.Secret.Namespace).Select(static count => (count.Key, count.Value)));
    }
}

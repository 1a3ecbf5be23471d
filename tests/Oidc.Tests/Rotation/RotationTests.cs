namespace ClusterTrust.Oidc.Tests.Rotation;

/// <summary>Every stage of a rotation from the old key 0 to the new key 1, by value.</summary>
public sealed class RotationTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset LongAgo = Now.AddDays(-90);

    // 10 minutes of Pages, 24 hours of a cloud, 5 minutes of clocks.
    private static readonly TimeSpan Caches = new(24, 15, 0);

    // 24 hours of a token, 5 minutes of clocks.
    private static readonly TimeSpan Tokens = new(24, 5, 0);

    private static readonly (RotationStage Stage, RotationStep Step, string Message, RotationFactsCase Facts)[] Cases =
    [
        (RotationStage.NoRotation, RotationStep.AddKey, "No rotation is under way", new([("0", "0")], "0")),
        (RotationStage.NewKeyOnSomeServers, RotationStep.CompleteKey, "Add it on the others: b.", new([("01", "0"), ("0", "0")], "0")),
        (RotationStage.NewKeyNotPublic, RotationStep.Publish, "it is not public. Publish it.", new([("01", "0"), ("01", "0")], "0")),
        (RotationStage.NewKeyNotCached, RotationStep.Wait, "Wait until 2026-11-25T12:15:00Z before it signs", new([("01", "0")], "01") { Deployed = TimeSpan.Zero }),
        (RotationStage.NewKeyNotCached, RotationStep.Look, "Not known before it signs", new([("01", "0")], "01") { Deployed = null }),
        (RotationStage.ReadyToSign, RotationStep.Sign, "Sign with it on every API server.", new([("01", "0")], "01")),
        (RotationStage.SigningOnSomeServers, RotationStep.Sign, "Switch the others: b.", new([("01", "1"), ("01", "0")], "01")),
        (RotationStage.OldKeyInUse, RotationStep.Wait, "Wait until 2026-11-25T12:05:00Z before you remove the old key", new([("01", "1")], "01") { Started = TimeSpan.Zero }),
        (RotationStage.OldKeyInUse, RotationStep.Look, "Not known before you remove the old key", new([("01", "1")], "01") { Started = null }),
        (RotationStage.ReadyToRemove, RotationStep.Remove, "Remove it from every API server.", new([("01", "1")], "01")),
        (RotationStage.ReadyToRemove, RotationStep.Remove, "Remove it from every API server.", new([("1", "1"), ("01", "1")], "01")),
        (RotationStage.OldKeyRetained, RotationStep.Wait, "when its retention is over.", new([("1", "1"), ("1", "1")], "01")),
        (RotationStage.NoRotation, RotationStep.AddKey, "No rotation is under way", new([("1", "1")], "1")),
        (RotationStage.SigningKeyNotServed, RotationStep.CompleteKey, "signs tokens that are refused by b: add it", new([("01", "1"), ("0", "0")], "01")),
        (RotationStage.SigningKeyNotPublic, RotationStep.Publish, "Publish it now.", new([("01", "1")], "0")),
        (RotationStage.SigningKeyNotCached, RotationStep.Wait, "signs before every cache can have it", new([("01", "1")], "01") { Deployed = TimeSpan.FromHours(1), NewSeen = TimeSpan.FromHours(1) }),
        (RotationStage.ReadyToRemove, RotationStep.Remove, "Remove it from every API server.", new([("01", "1")], "01") { Deployed = TimeSpan.Zero }), // the whole site was deployed again long after
        (RotationStage.Unclear, RotationStep.Look, "is new: decide with", new([("01", "0")], "01") { NewSeen = TimeSpan.FromDays(90) }), // both keys were published at once
        (RotationStage.Unclear, RotationStep.Look, "is new: decide with", new([("01", "0")], "01") { HasState = false }),
        (RotationStage.Unclear, RotationStep.Look, "is new: decide with", new([("01", "0"), ("01", "1")], "01") { HasState = false }),
    ];

    [Fact]
    public void Every_stage_has_its_next_step() => Assert.All(Cases, static one =>
    {
        var status = RotationStatus.Of(one.Facts.Build());
        Assert.Equal((one.Stage, one.Step), (status.Stage, status.Step));
        Assert.Contains(one.Message, status.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", status.Message.TrimEnd(')'), StringComparison.Ordinal);
        var commands = RotationCommands.For(status);
        Assert.Equal(one.Step is RotationStep.Look || one.Stage == RotationStage.OldKeyRetained, commands.Count == 0);
        if (one.Step is RotationStep.AddKey or RotationStep.CompleteKey or RotationStep.Sign or RotationStep.Remove)
        {
            Assert.Equal(["kubeadm", "k3s", "rke2", "talos", "kind"], commands.Select(static command => command.Key));
        }
    });

    [Fact]
    public void A_new_key_is_safe_to_sign_when_the_CDN_and_the_clouds_cannot_hold_an_older_set()
    {
        var just = ToSign(new([("01", "0")], "01") { Deployed = Caches });
        var early = ToSign(new([("01", "0")], "01") { Deployed = Caches - TimeSpan.FromSeconds(1) });
        Assert.True(just.IsSafe, just.Reason);
        Assert.False(early.IsSafe);
        Assert.Equal(Now.AddSeconds(1), early.At);
        Assert.EndsWith("; a cache may be 24.2 h old", early.Reason, StringComparison.Ordinal);

        // A site that allows caches to keep the set for two hours.
        Assert.Equal(Now.AddMinutes(110), ToSign(new([("01", "0")], "01") { Deployed = Caches, MaxAge = TimeSpan.FromHours(2) }).At);

        // The run that published it saw it later than the site says it was deployed: a time of the files, not of the deployment.
        Assert.Equal(Now.AddHours(1), ToSign(new([("01", "0")], "01") { Deployed = Caches * 2, NewSeen = Caches - TimeSpan.FromHours(1) }).At);
    }

    [Fact]
    public void An_old_key_is_safe_to_remove_when_its_last_token_has_expired_on_the_server_that_was_switched_last()
    {
        Assert.True(ToRemove(new([("01", "1")], "01") { Started = Tokens }).IsSafe);
        var early = ToRemove(new([("01", "1"), ("01", "1")], "01") { Started = Tokens - TimeSpan.FromSeconds(1) });
        Assert.False(early.IsSafe);
        Assert.Equal(Now.AddSeconds(1), early.At);
        Assert.Null(ToRemove(new([("01", "1"), ("01", "0")], "01")).At);
        Assert.Contains("signs the tokens of b", ToRemove(new([("01", "1"), ("01", "0")], "01")).Reason, StringComparison.Ordinal);
        Assert.Contains("/metrics", ToRemove(new([("01", "1")], "01") { Started = null }).Reason, StringComparison.Ordinal);
        Assert.EndsWith("; a token is valid for up to 24 h", ToRemove(new([("01", "1")], "01") { Started = TimeSpan.Zero }).Reason, StringComparison.Ordinal);
        Assert.Contains("b would refuse", ToRemove(new([("01", "1"), ("0", "1")], "01")).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Times_in_the_future_prove_nothing()
    {
        Assert.Null(ToSign(new([("01", "0")], "01") { Deployed = TimeSpan.FromHours(-1) }).At);
        Assert.Null(ToRemove(new([("01", "1")], "01") { Started = TimeSpan.FromHours(-1) }).At);
        var edited = ToSign(new([("01", "0")], "01") { NewSeen = TimeSpan.FromHours(-1) });
        Assert.False(edited.IsSafe);
        Assert.Contains("the state file has it first seen in the future", edited.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_is_not_public_as_it_is_or_was_dropped_is_not_safe_to_sign()
    {
        var facts = new RotationFactsCase([("01", "0")], "01").Build();
        var site = facts.Site;

        AssertUnsafe("not in the public key set", site with { Keys = new([RsaKey(0), RsaKey(2, RsaKey(1).Kid)]) });
        AssertUnsafe("not in the public key set", site with { Keys = new([RsaKey(0), RsaKey(1) with { Alg = "RS512" }]) });
        AssertUnsafe("--drop-key removed it", site with { State = new PublishedState(site.State!.Keys, [new DroppedKey(RsaKey(1).Kid, LongAgo)]) });
        AssertUnsafe("the site sends no Last-Modified header", site with { LastModified = null });

        void AssertUnsafe(string reason, PublicFacts site)
        {
            var check = SafetyCheck.SafeToSign(facts with { Site = site }, RsaKey(1));
            Assert.False(check.IsSafe);
            Assert.Contains(reason, check.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_commands_add_the_key_last_sign_with_it_first_and_leave_it_alone()
    {
        var add = Of(new([("0", "0")], "0"));
        Assert.Contains(add["k3s"], static line => line.Contains("service.key /opt/k3s/next.key >", StringComparison.Ordinal));
        Assert.Contains("systemctl restart rke2-server", add["rke2"]);
        Assert.Contains(add["kubeadm"], static line => line.EndsWith(">> /etc/kubernetes/pki/sa.pub", StringComparison.Ordinal));
        Assert.All(add["talos"], static line => Assert.StartsWith("#", line, StringComparison.Ordinal));
        Assert.Contains(Of(new([("01", "0")], "01"))["k3s"], static line => line.Contains("cat /opt/k3s/next.key /var/lib/", StringComparison.Ordinal));
        Assert.Contains(Of(new([("01", "1")], "01"))["kind"], static line => line.Contains("cat > /etc/kubernetes/pki/sa.pub", StringComparison.Ordinal));
        static Dictionary<string, IReadOnlyList<string>> Of(RotationFactsCase facts) => new(RotationCommands.For(RotationStatus.Of(facts.Build())));
    }

    /// <summary>kube-apiserver's kids may begin with a hyphen; other signers' hold any printable character.</summary>
    [Theory]
    [InlineData("-Ab_9", "oidc rotate --safe-to-sign='-Ab_9'")]
    [InlineData("a';reboot;'", "oidc rotate --safe-to-sign='a'\\'';reboot;'\\'''")]
    [InlineData("$(reboot)`", "oidc rotate --safe-to-sign='$(reboot)`'")]
    public void A_kid_is_one_word_of_a_command(string kid, string command) => Assert.Equal(
        command,
        Assert.Single(Assert.Single(RotationCommands.For(new RotationStatus(RotationStage.NewKeyNotCached, RotationStep.Wait, "Wait.", kid))).Value));

    private static SafetyCheck ToSign(RotationFactsCase facts) => SafetyCheck.SafeToSign(facts.Build(), RsaKey(1));

    private static SafetyCheck ToRemove(RotationFactsCase facts) => SafetyCheck.SafeToRemove(facts.Build(), RsaKey(0));

    /// <summary>Facts in short: the keys as digits.</summary>
    /// <param name="Servers">The API servers a, b, …: the keys that each serves, and the one that signs.</param>
    /// <param name="Public">The public keys.</param>
    private sealed record RotationFactsCase((string Keys, string Signing)[] Servers, string Public)
    {
        /// <summary>How long ago the site was deployed.</summary>
        public TimeSpan? Deployed { get; init; } = TimeSpan.FromDays(3);

        /// <summary>How long ago the API servers started.</summary>
        public TimeSpan? Started { get; init; } = TimeSpan.FromDays(2);

        /// <summary>How long ago a run of oidc first saw the new key; the old one 90 days ago.</summary>
        public TimeSpan NewSeen { get; init; } = TimeSpan.FromDays(3);

        public TimeSpan? MaxAge { get; init; } = TimeSpan.FromMinutes(10);

        public bool HasState { get; init; } = true;

        public RotationFacts Build()
        {
            var state = new PublishedState(Public.Select(digit => Key(digit)).Select(key =>
                new KeyState(key.Kid, key.Thumbprint, key.Kid == RsaKey(0).Kid ? LongAgo : Now - NewSeen, null)));
            return new RotationFacts(
                [.. Servers.Select((server, index) => new ApiServerFacts(((char)('a' + index)).ToString(), Set(server.Keys), Key(server.Signing[0]).Kid, Now - Started))],
                new PublicFacts(Set(Public), Now - Deployed, MaxAge, HasState ? state : null),
                TimeSpan.FromHours(24),
                Now);
        }

        private static JsonWebKey Key(char digit) => RsaKey(digit - '0');

        private static JsonWebKeySet Set(string digits) => new(digits.Select(Key));
    }
}

using ClusterTrust.Sandbox.ApiServer;

namespace ClusterTrust.Sandbox.Tests.ApiServer;

public sealed class SelectorTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["app"] = "web", ["example.com/tier"] = "front", ["empty"] = "" };

    [Theory]
    [InlineData("", true)]
    [InlineData("app=web", true)]
    [InlineData("app = web , example.com/tier", true)]
    [InlineData("app!=db", true)]
    [InlineData("app in (web, db)", true)]
    [InlineData("missing in (db)", false)]
    [InlineData("app notin (db)", true)]
    [InlineData("app", true)]
    [InlineData("missing", false)]
    [InlineData("!missing", true)]
    [InlineData("!app", false)]
    [InlineData("app in (web),example.com/tier=front,!missing", true)]
    public void Labels_are_selected(string selector, bool selected) => Assert.Equal(selected, Selector.Labels(selector).Matches(Labels));

    [Theory]
    [InlineData("app in web")]
    [InlineData("=web")]
    [InlineData("app=web,")]
    [InlineData("a b c")]
    public void A_label_selector_that_cannot_be_read_is_a_bad_request(string selector) =>
        Assert.Equal(400, Assert.Throws<StatusException>(() => Selector.Labels(selector)).Status.Code);

    [Theory]
    [InlineData("data=x", "field label not supported: data")]
    [InlineData("type", "invalid selector: 'type'; can't understand 'type'")]
    public void A_field_selector_that_cannot_be_served_is_a_bad_request(string selector, string message)
    {
        var refused = Assert.Throws<StatusException>(() => Selector.Fields(selector, ResourceType.Secrets));
        Assert.Equal((400, message), (refused.Status.Code, refused.Status.Message));
    }
}

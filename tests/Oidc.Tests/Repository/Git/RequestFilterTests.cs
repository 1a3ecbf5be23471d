using System.Text;
using ClusterTrust.Oidc.Repository.Git.Ssh;

namespace ClusterTrust.Oidc.Tests.Repository.Git;

public sealed class RequestFilterTests
{
    private const string Wants = "0032want 0123456789012345678901234567890123456789\n000cdeepen 10000";
    private const string Done = "0009done\n";

    [Fact]
    public void A_repeated_shallow_request_is_left_out_however_it_is_cut()
    {
        for (var cut = 0; cut < Wants.Length; cut++)
        {
            var filter = new RequestFilter(isPush: false);
            Assert.Equal(Wants + Done, string.Concat(new[] { Wants[..cut], Wants[cut..], Wants, Done }.Select(part => Pass(filter, part))));
        }
    }

    [Fact]
    public void No_flush_is_sent_to_an_upload_pack_that_has_ended()
    {
        var filter = new RequestFilter(isPush: false);
        Pass(filter, Wants + Done);
        filter.OnAnswer();

        Assert.Equal("", Pass(filter, "0000"));
    }

    [Fact]
    public void A_flush_is_sent_to_an_upload_pack_that_waits_for_a_request()
    {
        var filter = new RequestFilter(isPush: false);
        filter.OnAnswer();

        Assert.Equal("0000", Pass(filter, "0000"));
    }

    [Fact]
    public void No_flush_is_sent_to_a_receive_pack_that_has_reported()
    {
        var filter = new RequestFilter(isPush: true);
        filter.OnAnswer();
        Assert.Equal("commands0000", Pass(filter, "commands0000"));
        Assert.Equal("PACK", Pass(filter, "PACK"));
        filter.OnAnswer();

        Assert.Equal("", Pass(filter, "0000"));
    }

    [Fact]
    public void A_flush_is_sent_to_a_receive_pack_without_a_request()
    {
        var filter = new RequestFilter(isPush: true);
        filter.OnAnswer();

        Assert.Equal("0000", Pass(filter, "0000"));
    }

    private static string Pass(RequestFilter filter, string text) => Encoding.ASCII.GetString(filter.Pass(Encoding.ASCII.GetBytes(text)));
}

using System.Text;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Trust;

/// <summary>The policy that lets ServiceAccounts assume a role in AWS.</summary>
internal static class AwsTrustPolicy
{
    /// <summary>The JSON, without a line feed at its end.</summary>
    /// <param name="request">The trust.</param>
    /// <param name="account">The account's number, or a text in its place.</param>
    public static string Write(TrustRequest request, string account) => Encoding.UTF8.GetString(CanonicalJson.Write(writer =>
    {
        writer.WriteString("Version", "2012-10-17");
        writer.WriteStartArray("Statement");
        writer.WriteStartObject();
        writer.WriteString("Effect", "Allow");
        writer.WriteStartObject("Principal");
        writer.WriteString("Federated", $"arn:aws:iam::{account}:oidc-provider/{request.IssuerWithoutScheme}");
        writer.WriteEndObject();
        writer.WriteString("Action", "sts:AssumeRoleWithWebIdentity");
        writer.WriteStartObject("Condition");
        writer.WriteStartObject("StringEquals");
        writer.WriteString($"{request.IssuerWithoutScheme}:aud", request.EffectiveAudience);
        writer.WriteStartArray($"{request.IssuerWithoutScheme}:sub");
        foreach (var subject in request.Subjects)
        {
            writer.WriteStringValue(subject.ToString());
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndArray();
    })).TrimEnd('\n');
}

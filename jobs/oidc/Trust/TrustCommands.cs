using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using static ClusterTrust.Text.ShellWord;

namespace ClusterTrust.Oidc.Trust;

/// <summary>
/// The commands that set up a trust with a cloud's own command line, to be pasted into a POSIX shell. Values that the cluster does not have (a
/// resource group, a project) are in shell variables, named in the first line. Comments contain no apostrophe and no value that is not
/// quoted, because an interactive zsh executes them.
/// </summary>
internal static class TrustCommands
{
    public static string For(TrustRequest request) => request.Cloud switch
    {
        Cloud.Azure => Azure(request),
        Cloud.Aws => Aws(request),
        Cloud.Gcp => Gcp(request),
        _ => throw new UnreachableException(),
    };

    private static string Azure(TrustRequest request) => $"""
        # Azure: set RESOURCE_GROUP first. IDENTITY is the managed identity that the ServiceAccounts sign in as.
        IDENTITY={Quote(request.IdentityName)}
        az identity create --resource-group "$RESOURCE_GROUP" --name "$IDENTITY"
        {Each(request, subject => $"""
            az identity federated-credential create --resource-group "$RESOURCE_GROUP" --identity-name "$IDENTITY" \
              --name {Quote(request.CredentialName(subject))} \
              --issuer {Quote(request.Issuer)} \
              --subject {Quote(subject.ToString())} \
              --audiences {Quote(request.EffectiveAudience!)}
            """)}
        # The pod must request its token for the audience {Quote(request.EffectiveAudience!)}

        """;

    private static string Aws(TrustRequest request) => $"""
        # AWS: run with credentials of the account.
        ACCOUNT=$(aws sts get-caller-identity --query Account --output text)
        # Once per issuer and account: the provider.
        aws iam create-open-id-connect-provider --url {Quote(request.Issuer)} \
          --client-id-list {Quote(request.EffectiveAudience!)}
        # The role that the ServiceAccounts assume.
        aws iam create-role --role-name {Quote(request.IdentityName)} \
          --assume-role-policy-document {string.Join("\"$ACCOUNT\"", AwsTrustPolicy.Write(request, $"arn:aws:iam::{AccountPlaceholder}:oidc-provider/{request.IssuerWithoutScheme}").Split(AccountPlaceholder).Select(Quote))}
        # The pod must request its token for the audience {Quote(request.EffectiveAudience!)}

        """;

    private static string Gcp(TrustRequest request)
    {
        var pool = $"projects/$PROJECT_NUMBER/locations/global/workloadIdentityPools/{request.ProviderId}";
        var audiences = request.Audience is { } allowed ? $" \\\n  --allowed-audiences={Quote(allowed)}" : "";
        var audience = request.Audience is { } own ? Quote(own) : $"\"https://iam.googleapis.com/{pool}/providers/{request.ProviderId}\"";
        return $"""
            # Google Cloud: set PROJECT and SERVICE_ACCOUNT (its e-mail address) first.
            PROJECT_NUMBER=$(gcloud projects describe "$PROJECT" --format='value(projectNumber)')
            # Once per issuer and project: the pool and its provider.
            gcloud iam workload-identity-pools create {Quote(request.ProviderId)} --project="$PROJECT" --location=global
            gcloud iam workload-identity-pools providers create-oidc {Quote(request.ProviderId)} \
              --project="$PROJECT" --location=global \
              --workload-identity-pool={Quote(request.ProviderId)} \
              --issuer-uri={Quote(request.Issuer)} \
              --attribute-mapping=google.subject=assertion.sub{audiences}
            # Once per ServiceAccount: its binding.
            {Each(request, subject => $"""
                gcloud iam service-accounts add-iam-policy-binding "$SERVICE_ACCOUNT" --project="$PROJECT" --condition=None \
                  --role=roles/iam.workloadIdentityUser \
                  --member="principal://iam.googleapis.com/{pool}/subject/{subject}"
                """)}
            # The pod must request its token for this audience:
            echo {audience}

            """;
    }

    /// <summary>Placeholder for the account's number, which the shell looks up; no issuer, subject or audience can contain it.</summary>
    private const string AccountPlaceholder = "{account}";

    private static string Each(TrustRequest request, Func<ServiceAccountSubject, string> command) => string.Join('\n', request.Subjects.Select(command));
}

/// <summary>The trust as an object for scripts: <c>cloud</c>, <c>issuer</c>, <c>subjects</c>, <c>audience</c>, <c>commands</c>.</summary>
internal static class TrustJson
{
    /// <summary>The object, ending in a line feed. The audience is null if the cloud's default contains a project, which is unknown here.</summary>
    public static string For(TrustRequest request) => Json.Document(new JsonObject
    {
        ["cloud"] = request.CloudName,
        ["issuer"] = request.Issuer,
        ["subjects"] = CanonicalJson.Set(request.Subjects.Select(static subject => subject.ToString())),
        ["audience"] = request.EffectiveAudience,
        ["commands"] = TrustCommands.For(request),
    });
}

/// <summary>The policy that allows ServiceAccounts to assume a role in AWS.</summary>
internal static class AwsTrustPolicy
{
    /// <summary>The JSON, without a line feed at its end.</summary>
    /// <param name="provider">The ARN of the issuer's provider, or a text in its place.</param>
    public static string Write(TrustRequest request, string provider) => $$"""
        {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Effect": "Allow",
              "Principal": {
                "Federated": "{{provider}}"
              },
              "Action": "sts:AssumeRoleWithWebIdentity",
              "Condition": {
                "StringEquals": {
                  "{{request.IssuerWithoutScheme}}:aud": "{{JsonEncodedText.Encode(request.EffectiveAudience!, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}}",
                  "{{request.IssuerWithoutScheme}}:sub": [{{string.Join(", ", request.Subjects.Select(static subject => $"\"{subject}\""))}}]
                }
              }
            }
          ]
        }
        """;
}

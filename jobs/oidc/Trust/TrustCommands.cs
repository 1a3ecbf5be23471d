using static ClusterTrust.Oidc.Trust.ShellText;

namespace ClusterTrust.Oidc.Trust;

/// <summary>
/// The commands that set up a trust with a cloud's own command line. They are only printed. What the cluster cannot know (a resource
/// group, a project) stands in shell variables, named in the first line.
/// </summary>
public static class TrustCommands
{
    /// <summary>The commands, each line ending in a line feed.</summary>
    public static string For(TrustRequest request) => request.Cloud switch
    {
        Cloud.Azure => Azure(request),
        Cloud.Aws => Aws(request),
        _ => Gcp(request),
    };

    private static string Azure(TrustRequest request) => $"""
        # Azure: set RESOURCE_GROUP first; IDENTITY is the managed identity that the ServiceAccount signs in as.
        IDENTITY={Quote(request.ResourceName)}
        az identity create --resource-group "$RESOURCE_GROUP" --name "$IDENTITY"
        az identity federated-credential create --resource-group "$RESOURCE_GROUP" --identity-name "$IDENTITY" \
          --name {Quote(request.ResourceName)} \
          --issuer {Quote(request.Issuer)} \
          --subject {Quote(request.Subject.ToString())} \
          --audiences {Quote(request.EffectiveAudience!)}

        """;

    private static string Aws(TrustRequest request) => $$$"""
        # AWS: run with the account's own credentials.
        # The provider is made once an issuer, the role once a ServiceAccount.
        ACCOUNT=$(aws sts get-caller-identity --query Account --output text)
        aws iam create-open-id-connect-provider --url {{{Quote(request.Issuer)}}} \
          --client-id-list {{{Quote(request.EffectiveAudience!)}}}
        aws iam create-role --role-name {{{Quote(request.ResourceName)}}} --assume-role-policy-document '{
          "Version": "2012-10-17",
          "Statement": [{
            "Effect": "Allow",
            "Principal": {"Federated": "arn:aws:iam::'"$ACCOUNT"':oidc-provider/{{{request.IssuerWithoutScheme}}}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {
              "{{{request.IssuerWithoutScheme}}}:aud": {{{InQuotes(JsonText(request.EffectiveAudience!))}}},
              "{{{request.IssuerWithoutScheme}}}:sub": "{{{request.Subject}}}"
            }}
          }]
        }'

        """;

    private static string Gcp(TrustRequest request)
    {
        var audiences = request.EffectiveAudience is { } audience ? $" \\\n  --allowed-audiences={Quote(audience)}" : "";
        return $"""
            # Google Cloud: set PROJECT and SERVICE_ACCOUNT (its e-mail address) first.
            PROJECT_NUMBER=$(gcloud projects describe "$PROJECT" --format='value(projectNumber)')
            gcloud iam workload-identity-pools create clustertrust --project="$PROJECT" --location=global
            gcloud iam workload-identity-pools providers create-oidc {Quote(request.ResourceName)} \
              --project="$PROJECT" --location=global \
              --workload-identity-pool=clustertrust \
              --issuer-uri={Quote(request.Issuer)} \
              --attribute-mapping=google.subject=assertion.sub{audiences}
            gcloud iam service-accounts add-iam-policy-binding "$SERVICE_ACCOUNT" --project="$PROJECT" \
              --role=roles/iam.workloadIdentityUser \
              --member="principal://iam.googleapis.com/projects/$PROJECT_NUMBER/locations/global/workloadIdentityPools/clustertrust/subject/{request.Subject}"

            """;
    }

    private static string JsonText(string value) => $"\"{System.Text.Json.JsonEncodedText.Encode(value)}\"";

    /// <summary>The inside of a single-quoted text.</summary>
    private static string InQuotes(string value) => Quote(value)[1..^1];
}

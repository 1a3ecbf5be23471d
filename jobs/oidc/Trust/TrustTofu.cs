using System.Diagnostics;

namespace ClusterTrust.Oidc.Trust;

/// <summary>The same trust as OpenTofu (and Terraform) configuration: a module of its own, for azurerm 5, aws 6 and google 6 or newer.</summary>
internal static class TrustTofu
{
    public static string For(TrustRequest request) => request.Cloud switch
    {
        Cloud.Azure => Azure(request),
        Cloud.Aws => Aws(request),
        Cloud.Gcp => Gcp(request),
        _ => throw new UnreachableException(),
    };

    private static string Azure(TrustRequest request) => $$"""
        {{Provider("azurerm", "5.0")}}

        variable "resource_group_name" {
          type = string
        }

        variable "location" {
          type = string
        }

        # The ServiceAccounts by the names of their federated credentials.
        locals {
          subjects = {
        {{string.Join('\n', request.Subjects.Select(subject => $"    {Text(request.CredentialName(subject))} = {Text(subject.ToString())}"))}}
          }
        }

        resource "azurerm_user_assigned_identity" "this" {
          name                = {{Text(request.IdentityName)}}
          resource_group_name = var.resource_group_name
          location            = var.location
        }

        resource "azurerm_federated_identity_credential" "this" {
          for_each = local.subjects

          name                      = each.key
          user_assigned_identity_id = azurerm_user_assigned_identity.this.id
          issuer                    = {{Text(request.Issuer)}}
          subject                   = each.value
          audience                  = [{{Text(request.EffectiveAudience!)}}]
        }

        {{Output(Text(request.EffectiveAudience!))}}

        """;

    private static string Aws(TrustRequest request) => $$"""
        {{Provider("aws", "6.0")}}

        # Once per issuer and account.
        resource "aws_iam_openid_connect_provider" "this" {
          url            = {{Text(request.Issuer)}}
          client_id_list = [{{Text(request.EffectiveAudience!)}}]
        }

        data "aws_iam_policy_document" "trust" {
          statement {
            actions = ["sts:AssumeRoleWithWebIdentity"]

            principals {
              type        = "Federated"
              identifiers = [aws_iam_openid_connect_provider.this.arn]
            }

            condition {
              test     = "StringEquals"
              variable = {{Text(request.IssuerWithoutScheme + ":aud")}}
              values   = [{{Text(request.EffectiveAudience!)}}]
            }

            condition {
              test     = "StringEquals"
              variable = {{Text(request.IssuerWithoutScheme + ":sub")}}
              values   = {{Subjects(request)}}
            }
          }
        }

        resource "aws_iam_role" "this" {
          name               = {{Text(request.IdentityName)}}
          assume_role_policy = data.aws_iam_policy_document.trust.json
        }

        {{Output(Text(request.EffectiveAudience!))}}

        """;

    private static string Gcp(TrustRequest request)
    {
        var audiences = request.Audience is { } allowed ? $"\n    allowed_audiences = [{Text(allowed)}]" : "";
        var audience = request.Audience is { } own ? Text(own) : "\"https://iam.googleapis.com/${google_iam_workload_identity_pool_provider.this.name}\"";
        return $$"""
            {{Provider("google", "6.0")}}

            variable "service_account_name" {
              type        = string
              description = "projects/PROJECT/serviceAccounts/EMAIL"
            }

            # Once per issuer and project: the pool and its provider.
            resource "google_iam_workload_identity_pool" "this" {
              workload_identity_pool_id = {{Text(request.ProviderId)}}
            }

            resource "google_iam_workload_identity_pool_provider" "this" {
              workload_identity_pool_id          = google_iam_workload_identity_pool.this.workload_identity_pool_id
              workload_identity_pool_provider_id = {{Text(request.ProviderId)}}

              attribute_mapping = {
                "google.subject" = "assertion.sub"
              }

              oidc {
                issuer_uri = {{Text(request.Issuer)}}{{audiences}}
              }
            }

            resource "google_service_account_iam_member" "this" {
              for_each = toset({{Subjects(request)}})

              service_account_id = var.service_account_name
              role               = "roles/iam.workloadIdentityUser"
              member             = "principal://iam.googleapis.com/${google_iam_workload_identity_pool.this.name}/subject/${each.value}"
            }

            {{Output(audience)}}

            """;
    }

    private static string Provider(string name, string minimum) => $$"""
        terraform {
          required_providers {
            {{name}} = {
              source  = "hashicorp/{{name}}"
              version = ">= {{minimum}}"
            }
          }
        }
        """;

    private static string Output(string audience) => $$"""
        # The audience that the pod must request its token for.
        output "audience" {
          value = {{audience}}
        }
        """;

    private static string Subjects(TrustRequest request) => $"[{string.Join(", ", request.Subjects.Select(subject => Text(subject.ToString())))}]";

    /// <summary>A quoted string in HCL syntax, with template sequences escaped; nothing that is printed has a line feed.</summary>
    private static string Text(string value) =>
        $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("${", "$${", StringComparison.Ordinal).Replace("%{", "%%{", StringComparison.Ordinal)}\"";
}

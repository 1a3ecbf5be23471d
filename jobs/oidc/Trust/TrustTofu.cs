using System.Diagnostics;

namespace ClusterTrust.Oidc.Trust;

/// <summary>The same trust as OpenTofu (and Terraform) configuration: a module of its own, for azurerm 5, aws 6 and google 6 or newer.</summary>
internal static class TrustTofu
{
    /// <summary>Placeholder for the provider's ARN; no issuer, subject or audience can contain it.</summary>
    private const string ProviderPlaceholder = "{provider}";

    public static string For(TrustRequest request)
    {
        var (provider, minimum, resources) = request.Cloud switch
        {
            Cloud.Azure => ("azurerm", "5.0", Azure(request)),
            Cloud.Aws => ("aws", "6.0", Aws(request)),
            Cloud.Gcp => ("google", "6.0", Gcp(request)),
            _ => throw new UnreachableException(),
        };
        return $$"""
            terraform {
              required_providers {
                {{provider}} = {
                  source  = "hashicorp/{{provider}}"
                  version = ">= {{minimum}}"
                }
              }
            }

            {{resources}}

            # The audience that the pod must request its token for.
            output "audience" {
              value = {{(request.EffectiveAudience is { } audience ? Text(audience) : "\"https://iam.googleapis.com/${google_iam_workload_identity_pool_provider.this.name}\"")}}
            }

            """;
    }

    private static string Azure(TrustRequest request) => $$"""
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
        """;

    private static string Aws(TrustRequest request) => $$"""
        # Once per issuer and account.
        resource "aws_iam_openid_connect_provider" "this" {
          url            = {{Text(request.Issuer)}}
          client_id_list = [{{Text(request.EffectiveAudience!)}}]
        }

        resource "aws_iam_role" "this" {
          name               = {{Text(request.IdentityName)}}
          assume_role_policy = <<-POLICY
            {{Escape(AwsTrustPolicy.Write(request, ProviderPlaceholder)).Replace(ProviderPlaceholder, "${aws_iam_openid_connect_provider.this.arn}", StringComparison.Ordinal).Replace("\n", "\n    ", StringComparison.Ordinal)}}
          POLICY
        }
        """;

    private static string Gcp(TrustRequest request)
    {
        var audiences = request.Audience is { } allowed ? $"\n    allowed_audiences = [{Text(allowed)}]" : "";
        return $$"""
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
            """;
    }

    private static string Subjects(TrustRequest request) => $"[{string.Join(", ", request.Subjects.Select(subject => Text(subject.ToString())))}]";

    /// <summary>A quoted string in HCL syntax; nothing that is printed has a line feed.</summary>
    private static string Text(string value) => $"\"{Escape(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal))}\"";

    /// <summary>Escapes the beginnings of templates.</summary>
    private static string Escape(string text) => text.Replace("${", "$${", StringComparison.Ordinal).Replace("%{", "%%{", StringComparison.Ordinal);
}

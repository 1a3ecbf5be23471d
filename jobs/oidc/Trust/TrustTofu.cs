using System.Text;

namespace ClusterTrust.Oidc.Trust;

/// <summary>The same trust as OpenTofu (and Terraform) configuration.</summary>
public static class TrustTofu
{
    /// <summary>The configuration, each line ending in a line feed.</summary>
    public static string For(TrustRequest request) => request.Cloud switch
    {
        Cloud.Azure => Azure(request),
        Cloud.Aws => Aws(request),
        _ => Gcp(request),
    };

    private static string Azure(TrustRequest request) => $$"""
        variable "resource_group_name" {
          type = string
        }

        variable "location" {
          type = string
        }

        resource "azurerm_user_assigned_identity" "this" {
          name                = {{Text(request.ResourceName)}}
          resource_group_name = var.resource_group_name
          location            = var.location
        }

        resource "azurerm_federated_identity_credential" "this" {
          name                = {{Text(request.ResourceName)}}
          resource_group_name = var.resource_group_name
          parent_id           = azurerm_user_assigned_identity.this.id
          issuer              = {{Text(request.Issuer)}}
          subject             = {{Text(request.Subject.ToString())}}
          audience            = [{{Text(request.EffectiveAudience!)}}]
        }

        """;

    private static string Aws(TrustRequest request) => $$"""
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
              values   = [{{Text(request.Subject.ToString())}}]
            }
          }
        }

        resource "aws_iam_role" "this" {
          name               = {{Text(request.ResourceName)}}
          assume_role_policy = data.aws_iam_policy_document.trust.json
        }

        """;

    private static string Gcp(TrustRequest request)
    {
        var audiences = request.EffectiveAudience is { } audience ? $"\n    allowed_audiences = [{Text(audience)}]" : "";
        return $$"""
            variable "service_account_name" {
              type        = string
              description = "projects/PROJECT/serviceAccounts/EMAIL"
            }

            resource "google_iam_workload_identity_pool" "this" {
              workload_identity_pool_id = "clustertrust"
            }

            resource "google_iam_workload_identity_pool_provider" "this" {
              workload_identity_pool_id          = google_iam_workload_identity_pool.this.workload_identity_pool_id
              workload_identity_pool_provider_id = {{Text(request.ResourceName)}}

              attribute_mapping = {
                "google.subject" = "assertion.sub"
              }

              oidc {
                issuer_uri = {{Text(request.Issuer)}}{{audiences}}
              }
            }

            resource "google_service_account_iam_member" "this" {
              service_account_id = var.service_account_name
              role               = "roles/iam.workloadIdentityUser"
              member             = "principal://iam.googleapis.com/${google_iam_workload_identity_pool.this.name}/subject/{{request.Subject}}"
            }

            """;
    }

    /// <summary>A quoted template of HCL's syntax in which nothing is a template.</summary>
    private static string Text(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var character in value)
        {
            text.Append(character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                _ => character.ToString(),
            });
        }

        return text.Append('"').ToString().Replace("${", "$${", StringComparison.Ordinal).Replace("%{", "%%{", StringComparison.Ordinal);
    }
}

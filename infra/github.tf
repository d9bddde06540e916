# Permissions of GitHub's workflows: push to this repository and update these functions. No key is stored: GitHub
# authenticates the workflow by OIDC, with the identity provider of infra/bootstrap.

locals {
  github       = "token.actions.githubusercontent.com"
  has_deployer = var.github_repository != ""
}

resource "aws_iam_role" "deploy" {
  count = local.has_deployer ? 1 : 0

  name                 = "${local.name}-deploy"
  description          = "Deployments of ${local.name} by ${var.github_repository}"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = "${local.arn}:iam::${local.account}:oidc-provider/${local.github}" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      # Exact matches. The settings of the GitHub environment decide which branches may use it.
      Condition = {
        StringEquals = {
          "${local.github}:aud" = "sts.amazonaws.com"
          "${local.github}:sub" = "repo:${var.github_repository}:environment:${var.env}"
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "deploy" {
  count = local.has_deployer ? 1 : 0

  name = "own"
  role = aws_iam_role.deploy[0].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # This action does not support resources.
        Sid      = "LogInToRegistry"
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"]
      },
      {
        # With enhanced scanning ECR calls Inspector for the caller. These actions do not support resources.
        Sid      = "ReadFindings"
        Effect   = "Allow"
        Action   = ["inspector2:ListCoverage", "inspector2:ListFindings"]
        Resource = ["*"]
      },
      {
        Sid    = "PushImage"
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload",
          "ecr:DescribeImageScanFindings", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer",
          # Lambda checks these permissions when a function gets an image.
          "ecr:GetRepositoryPolicy",
          "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
        ]
        Resource = [local.repository_arn]
      },
      {
        Sid    = "MoveFunctions"
        Effect = "Allow"
        Action = [
          "lambda:GetAlias", "lambda:GetFunction", "lambda:GetFunctionConfiguration", "lambda:ListAliases",
          "lambda:ListVersionsByFunction", "lambda:PublishVersion", "lambda:UpdateAlias", "lambda:UpdateFunctionCode",
        ]
        Resource = flatten([for arn in values(local.function_arns) : [arn, "${arn}:*"]])
      },
      {
        # For the smoke test and the canary.
        Sid      = "TryFunctions"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = ["${local.function_arns.api}:${local.live}", "${local.function_arns.api}:${local.canary}"]
      },
    ]
  })
}

# The plan of dev, by the real AWS provider, without a network.

provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

override_data {
  target = data.aws_caller_identity.this
  values = { account_id = "123456789012" }
}

# A plan shows the settings of functions only if all values are known.
override_resource {
  target          = aws_sqs_queue.jobs
  override_during = plan
  values          = { url = "https://sqs.eu-central-1.amazonaws.com/123456789012/jobs" }
}

variables {
  env               = "dev"
  region            = "eu-central-1"
  github_repository = "acme/lapidary"
  image_uri         = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/lapidary-dev@sha256:0000000000000000000000000000000000000000000000000000000000000000"
}

run "as_it_is" {
  command = plan

  # ---- Direct invocation

  assert {
    condition     = keys(aws_lambda_function.this) == ["api", "trainer"]
    error_message = "dev has the functions api and trainer, and no authorizer."
  }

  assert {
    condition     = length(aws_apigatewayv2_api.this) == 0 && length(aws_apigatewayv2_route.open) == 0 && length(aws_lambda_permission.gateway) == 0
    error_message = "dev has no gateway."
  }

  assert {
    condition     = output.api_url == null && output.canary_url == null
    error_message = "dev has no URL."
  }

  assert {
    condition     = alltrue([for role, function in aws_lambda_function.this : join(" ", function.image_config[0].command) == "lambda ${role}"])
    error_message = "The functions do not share one image with different commands."
  }

  assert {
    condition     = keys(aws_lambda_alias.live) == ["api", "trainer"] && keys(aws_lambda_alias.canary) == ["api", "trainer"]
    error_message = "Each function has the aliases live and canary."
  }

  assert {
    condition     = length(aws_lambda_provisioned_concurrency_config.api) == 0 && aws_lambda_function.this["api"].reserved_concurrent_executions == -1
    error_message = "Concurrency is provisioned or reserved without being configured."
  }

  # ---- Policies

  # A star is allowed only after the name of the environment.
  assert {
    condition = alltrue(flatten([
      for policy in aws_iam_role_policy.function : [
        for statement in jsondecode(policy.policy).Statement : [
          for resource in statement.Resource :
          can(regex("^arn:aws:(s3:::|dynamodb:eu-central-1:123456789012:table/|sqs:eu-central-1:123456789012:|logs:eu-central-1:123456789012:log-group:/aws/lambda/)lapidary-dev-", resource))
        ]
      ]
    ]))
    error_message = "A role of a function names a resource of another environment."
  }

  assert {
    condition = alltrue(flatten([
      for policy in concat(values(aws_iam_role_policy.function), aws_iam_role_policy.deploy) : [
        for statement in jsondecode(policy.policy).Statement : [
          for action in statement.Action : !strcontains(action, "*")
        ]
      ]
    ]))
    error_message = "A policy allows actions by a wildcard."
  }

  # The exceptions: actions that do not support resources.
  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.deploy[0].policy).Statement :
      statement.Action if contains(statement.Resource, "*")
    ] == [["ecr:GetAuthorizationToken"], ["inspector2:ListCoverage", "inspector2:ListFindings"]]
    error_message = "On all resources the deployer may do more than log in to the registry and read findings."
  }

  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(aws_iam_role_policy.deploy[0].policy).Statement : [
        for resource in statement.Resource :
        can(regex("^arn:aws:(ecr:eu-central-1:123456789012:repository/lapidary-dev$|lambda:eu-central-1:123456789012:function:lapidary-dev-(api|trainer)(:|$))", resource))
        if resource != "*"
      ]
    ]))
    error_message = "The deployer reaches beyond the environment's repository and functions."
  }

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.function["api"].policy).Statement :
      statement.Sid => statement.Action if statement.Sid == "Log"
    } == { Log = ["logs:CreateLogStream", "logs:PutLogEvents"] }
    error_message = "A function may create a log group, or may not write its log."
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.function["api"].policy, "sagemaker") && !strcontains(aws_iam_role_policy.function["trainer"].policy, "sagemaker") && length(aws_iam_role.sagemaker) == 0
    error_message = "A role may use SageMaker although it is not configured."
  }

  assert {
    condition     = length(aws_sagemaker_endpoint.this) == 0 && length(aws_sagemaker_endpoint_configuration.endpoint) == 0 && length(aws_sagemaker_model.endpoint) == 0 && length(aws_iam_role.endpoint) == 0 && length(aws_iam_role_policy.endpoint) == 0 && length(aws_cloudwatch_log_group.endpoint) == 0 && output.endpoint_name == null
    error_message = "A SageMaker endpoint, or a part of one, exists without being configured."
  }

  # ---- Deployments by GitHub

  assert {
    condition = jsondecode(aws_iam_role.deploy[0].assume_role_policy).Statement == [{
      Effect    = "Allow"
      Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = "repo:acme/lapidary:environment:dev"
        }
      }
    }]
    error_message = "The role trusts another subject than the environment dev of the repository."
  }
}

run "before_the_first_image" {
  command = plan

  variables {
    image_uri      = ""
    endpoint_model = "diamonds"
  }

  assert {
    condition     = length(aws_sagemaker_endpoint.this) == 0 && length(aws_sagemaker_model.endpoint) == 0 && length(aws_iam_role.endpoint) == 0
    error_message = "An endpoint exists without an image."
  }

  assert {
    condition     = length(aws_lambda_function.this) == 0 && length(aws_lambda_event_source_mapping.trainer) == 0
    error_message = "Functions exist without an image."
  }

  assert {
    condition     = aws_ecr_repository.image.name == "lapidary-dev" && aws_s3_bucket.data.bucket == "lapidary-dev-123456789012-eu-central-1"
    error_message = "The image repository or the bucket is missing."
  }

  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.this) == ["dead-letters", "queue-age"]
    error_message = "Alarms exist for missing resources."
  }
}

run "without_admin_routes_and_github" {
  command = plan

  variables {
    admin_routes      = false
    github_repository = ""
  }

  assert {
    condition     = length(aws_iam_role.deploy) == 0 && output.deploy_role_arn == null
    error_message = "The role for deployments exists without a principal that may assume it."
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.function["api"].policy, "s3:PutObject") && !strcontains(aws_iam_role_policy.function["api"].policy, "s3:DeleteObject") && !strcontains(aws_iam_role_policy.function["api"].policy, "lapidary-dev-jobs")
    error_message = "An API without admin routes may write to the bucket, or submit jobs."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_role_policy.function["api"].policy).Statement :
      statement.Condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] == ["clients", "plans", "usage#*", "counted#*"]
      if statement.Resource == ["arn:aws:dynamodb:eu-central-1:123456789012:table/lapidary-dev-access"]
    ])
    error_message = "An API without admin routes may read or write keys."
  }
}

run "refuses_what_makes_no_sense" {
  command = plan

  variables {
    env               = "test"
    image_uri         = "lapidary:latest"
    region            = "Frankfurt"
    project           = "-x"
    log_days          = 2
    github_repository = "lapidary"
    cors_origins      = ["*"]
    certificate_arn   = "arn:aws:acm:eu-central-1:123456789012:certificate/1"
  }

  expect_failures = [
    var.env, var.image_uri, var.region, var.project, var.log_days, var.github_repository, var.cors_origins,
    var.certificate_arn,
  ]
}

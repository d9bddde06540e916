# The plan of prd, by the real AWS provider, without a network.

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
  env               = "prd"
  region            = "eu-central-1"
  github_repository = "acme/lapidary"
  alarm_emails      = ["ops@example.org"]
  image_uri         = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/lapidary-prd@sha256:0000000000000000000000000000000000000000000000000000000000000000"
}

run "as_it_is" {
  command = plan

  # ---- The gateway

  assert {
    condition     = keys(aws_lambda_function.this) == ["api", "authorizer", "trainer"]
    error_message = "prd has the functions api, authorizer and trainer."
  }

  assert {
    condition     = keys(aws_apigatewayv2_api.this) == ["canary", "live"]
    error_message = "prd has a gateway, and one for the canary."
  }

  assert {
    condition = alltrue([
      for key, route in aws_apigatewayv2_route.default : route.route_key == "$default" && route.authorization_type == "CUSTOM"
    ])
    error_message = "The default route requires no key."
  }

  # By name, so that another open route needs a change here.
  assert {
    condition = toset([for route in aws_apigatewayv2_route.open : route.route_key]) == toset([
      "GET /", "GET /docs", "GET /docs/{proxy+}", "GET /health/live", "GET /health/ready", "GET /openapi.json",
    ])
    error_message = "A route other than health and documentation is open."
  }

  assert {
    condition = alltrue([
      for authorizer in aws_apigatewayv2_authorizer.key :
      authorizer.authorizer_type == "REQUEST"
      && authorizer.authorizer_payload_format_version == "2.0"
      && authorizer.enable_simple_responses
      && authorizer.identity_sources == toset(["$request.header.Authorization"])
      && authorizer.authorizer_result_ttl_in_seconds == 60
    ])
    error_message = "The gateway and the authorizer use different formats."
  }

  assert {
    condition     = aws_lambda_function.this["api"].environment[0].variables["ACCESS"] == "keys"
    error_message = "The API function does not require a caller."
  }

  assert {
    condition = alltrue([
      for key, stage in aws_apigatewayv2_stage.default :
      stage.name == "$default"
      && stage.default_route_settings[0].throttling_rate_limit == (key == "live" ? 100 : 10)
      && stage.default_route_settings[0].throttling_burst_limit == (key == "live" ? 200 : 10)
      && !strcontains(lower(stage.access_log_settings[0].format), "header")
    ])
    error_message = "A stage is not throttled, or logs headers."
  }

  assert {
    condition = alltrue([
      for key, stage in aws_apigatewayv2_stage.default :
      toset([for each in stage.route_settings : "${each.route_key} ${each.throttling_rate_limit} ${each.throttling_burst_limit}"])
      == toset([for route in local.open_routes : "${route} 5 ${key == "live" ? 20 : 10}"])
    ])
    error_message = "A route without a key lacks a low limit of its own."
  }

  assert {
    condition     = alltrue([for api in aws_apigatewayv2_api.this : length(api.cors_configuration) == 0])
    error_message = "Pages of other origins may call although CORS is not configured."
  }

  assert {
    condition = alltrue([
      for key in ["live", "canary"] :
      aws_lambda_permission.gateway[key].qualifier == key && aws_lambda_permission.gateway_authorizer[key].qualifier == key
    ])
    error_message = "A gateway may invoke the alias of the other."
  }

  # ---- Isolation

  assert {
    condition = (
      aws_s3_bucket_public_access_block.data.block_public_acls
      && aws_s3_bucket_public_access_block.data.block_public_policy
      && aws_s3_bucket_public_access_block.data.ignore_public_acls
      && aws_s3_bucket_public_access_block.data.restrict_public_buckets
      && aws_s3_bucket_ownership_controls.data.rule[0].object_ownership == "BucketOwnerEnforced"
    )
    error_message = "The bucket can be made public."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_s3_bucket_policy.data.policy).Statement :
      statement.Effect == "Deny" && statement.Condition == { Bool = { "aws:SecureTransport" = "false" } }
    ])
    error_message = "The bucket's policy grants access."
  }

  # Only AWS services, and only for this account.
  assert {
    condition = alltrue(flatten([
      for policy in [aws_sqs_queue.jobs.policy, aws_sns_topic_policy.alarms.policy, aws_ecr_repository_policy.image.policy] : [
        for statement in jsondecode(policy).Statement :
        keys(statement.Principal) == ["Service"] && statement.Condition.StringEquals["aws:SourceAccount"] == "123456789012"
      ]
    ]))
    error_message = "A queue, topic or repository is open to another account."
  }

  assert {
    condition     = alltrue([for permission in merge(aws_lambda_permission.gateway, aws_lambda_permission.gateway_authorizer) : permission.principal == "apigateway.amazonaws.com"])
    error_message = "Another principal than the gateway may invoke its functions."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.data.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "The bucket is not encrypted."
  }

  assert {
    condition = (
      aws_sqs_queue.jobs.sqs_managed_sse_enabled && aws_sqs_queue.dead.sqs_managed_sse_enabled
      && one(aws_ecr_repository.image.encryption_configuration).encryption_type == "AES256"
      && alltrue([for table in aws_dynamodb_table.this : table.server_side_encryption[0].enabled])
    )
    error_message = "A queue, table or repository is not encrypted."
  }

  # ---- Durability

  assert {
    condition = (
      aws_s3_bucket_versioning.data.versioning_configuration[0].status == "Enabled"
      && !aws_s3_bucket.data.force_destroy && !aws_ecr_repository.image.force_delete
      && alltrue([for table in aws_dynamodb_table.this : table.deletion_protection_enabled && table.point_in_time_recovery[0].enabled])
    )
    error_message = "One command can delete data."
  }

  assert {
    condition     = alltrue([for table in aws_dynamodb_table.this : table.billing_mode == "PAY_PER_REQUEST" && table.hash_key == "pk" && table.range_key == "sk"])
    error_message = "The tables lack the keys of the adapters."
  }

  assert {
    condition     = one(aws_dynamodb_table.this["access"].ttl).attribute_name == "expiresAt" && one(aws_dynamodb_table.this["access"].ttl).enabled
    error_message = "Expired items are not removed."
  }

  assert {
    condition     = alltrue([for group in merge(aws_cloudwatch_log_group.function, aws_cloudwatch_log_group.gateway) : group.retention_in_days == 30])
    error_message = "A log has no expiry."
  }

  assert {
    condition     = aws_ecr_repository.image.image_tag_mutability == "IMMUTABLE" && one(aws_ecr_repository.image.image_scanning_configuration).scan_on_push
    error_message = "A tag can be moved, or an image is not scanned."
  }

  # ---- Notifications

  assert {
    condition     = toset([for queue in aws_s3_bucket_notification.data.queue : queue.filter_prefix]) == toset(["datasets/", "clients/"])
    error_message = "Some batches do not notify the trainer."
  }

  assert {
    condition = (
      aws_sqs_queue.jobs.visibility_timeout_seconds == 6 * aws_lambda_function.this["trainer"].timeout
      && aws_lambda_event_source_mapping.trainer[0].batch_size == 1
      && aws_lambda_event_source_mapping.trainer[0].function_response_types == toset(["ReportBatchItemFailures"])
    )
    error_message = "The queue differs from docs/aws-jobs.md."
  }

  # ---- Alarms

  assert {
    condition = keys(aws_cloudwatch_metric_alarm.this) == [
      "api-duration", "api-errors", "api-throttles",
      "authorizer-duration", "authorizer-errors", "authorizer-throttles",
      "dead-letters", "failed-trainings", "gateway-5xx", "queue-age",
      "trainer-duration", "trainer-errors", "trainer-throttles",
    ]
    error_message = "An alarm is missing or unexpected."
  }

  assert {
    condition = (
      one(aws_cloudwatch_log_metric_filter.failed_trainings).pattern == "{ $.msg = \"a job failed\" && $.kind = \"training\" }"
      && one(aws_cloudwatch_log_metric_filter.failed_trainings).log_group_name == "/aws/lambda/lapidary-prd-trainer"
      && aws_cloudwatch_metric_alarm.this["failed-trainings"].metric_name == "FailedTrainings"
      && aws_cloudwatch_metric_alarm.this["failed-trainings"].namespace == "lapidary-prd"
    )
    error_message = "Failed trainings are not counted, or the alarm has another metric."
  }

  assert {
    condition     = keys(aws_sns_topic_subscription.email) == ["ops@example.org"]
    error_message = "Alarms have no subscribers."
  }

  assert {
    condition     = alltrue([for key, alarm in aws_cloudwatch_metric_alarm.this : (alarm.extended_statistic == "p99") == endswith(key, "-duration")])
    error_message = "An alarm of durations does not use the 99th percentile."
  }

  assert {
    condition     = aws_budgets_budget.month.limit_amount == "20.00" && toset(aws_budgets_budget.month.notification[*].notification_type) == toset(["ACTUAL", "FORECASTED"])
    error_message = "The budget notifies no subscriber."
  }

  # ---- Deployments by GitHub

  assert {
    condition = one(jsondecode(aws_iam_role.deploy[0].assume_role_policy).Statement).Condition == {
      StringEquals = {
        "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
        "token.actions.githubusercontent.com:sub" = "repo:acme/lapidary:environment:prd"
      }
    }
    error_message = "The role trusts another subject than the environment prd of the repository."
  }
}

run "policies_name_their_own_resources" {
  command = plan

  variables {
    sagemaker_training_bytes = 1000000000
  }

  # Names of SageMaker training jobs begin with the prefix of the trainer, in any project.
  assert {
    condition = alltrue(flatten([
      for policy in aws_iam_role_policy.function : [
        for statement in jsondecode(policy.policy).Statement : [
          for resource in statement.Resource :
          can(regex("^arn:aws:(s3:::lapidary-prd-|(dynamodb|sqs|logs|iam):[a-z0-9-]*:123456789012:(table/|role/|log-group:/aws/lambda/)?lapidary-prd-|sagemaker:eu-central-1:123456789012:training-job/lapidary-\\*$)", resource))
        ]
      ]
    ]))
    error_message = "A role of a function names a resource of another environment."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.sagemaker[0].policy).Statement :
      statement.Action if contains(statement.Resource, "*")
    ] == [["ecr:GetAuthorizationToken"], ["cloudwatch:PutMetricData"]]
    error_message = "On all resources SageMaker's role may do more than AWS requires."
  }

  assert {
    condition     = toset(flatten([for statement in jsondecode(aws_iam_role_policy.function["authorizer"].policy).Statement : statement.Resource if statement.Sid != "Log"])) == toset(["arn:aws:dynamodb:eu-central-1:123456789012:table/lapidary-prd-access"])
    error_message = "The authorizer reaches more than the table of keys."
  }

  assert {
    condition     = aws_lambda_function.this["trainer"].environment[0].variables["SAGEMAKER_ROLE_ARN"] == "arn:aws:iam::123456789012:role/lapidary-prd-sagemaker" && aws_iam_role.sagemaker[0].name == "lapidary-prd-sagemaker"
    error_message = "The trainer may pass another role than that of SageMaker."
  }
}

run "with_an_endpoint" {
  command = plan

  variables {
    endpoint_model     = "diamonds"
    endpoint_instances = 2
    settings           = { LOG_LEVEL = "debug", ACCESS = "keys", PORT = "80" }
  }

  assert {
    condition     = aws_sagemaker_endpoint.this[0].name == "lapidary-prd-endpoint" && output.endpoint_name == "lapidary-prd-endpoint" && aws_sagemaker_endpoint.this[0].endpoint_config_name == aws_sagemaker_endpoint_configuration.endpoint[0].name
    error_message = "The endpoint is missing, or has another configuration."
  }

  assert {
    condition = (
      one(aws_sagemaker_endpoint_configuration.endpoint[0].production_variants).model_name == aws_sagemaker_model.endpoint[0].name
      && one(aws_sagemaker_endpoint_configuration.endpoint[0].production_variants).instance_type == "ml.m5.large"
      && one(aws_sagemaker_endpoint_configuration.endpoint[0].production_variants).initial_instance_count == 2
    )
    error_message = "The endpoint has another model or other instances than configured."
  }

  assert {
    condition     = aws_sagemaker_model.endpoint[0].primary_container[0].image == var.image_uri
    error_message = "The image is not named by its digest."
  }

  assert {
    condition = aws_sagemaker_model.endpoint[0].primary_container[0].environment == tomap({
      STORE             = "aws"
      S3_BUCKET         = "lapidary-prd-123456789012-eu-central-1"
      HOST              = "0.0.0.0"
      PORT              = "8080"
      ACCESS            = "open"
      ADMIN_ROUTES      = "off"
      INVOCATIONS_MODEL = "diamonds"
      AWS_REGION        = "eu-central-1"
      DATA_DIR          = "/tmp/lapidary"
      LOG_LEVEL         = "debug"
    })
    error_message = "SageMaker cannot reach the container, or its settings are wrong."
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.endpoint[0].policy).Statement : [statement.Action, statement.Resource]] == [
      [["s3:ListBucket"], ["arn:aws:s3:::lapidary-prd-123456789012-eu-central-1"]],
      [["s3:GetObject"], ["arn:aws:s3:::lapidary-prd-123456789012-eu-central-1/models/*"]],
      [["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], ["arn:aws:ecr:eu-central-1:123456789012:repository/lapidary-prd"]],
      [["ecr:GetAuthorizationToken"], ["*"]],
      [["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], ["arn:aws:logs:eu-central-1:123456789012:log-group:/aws/sagemaker/Endpoints/lapidary-prd-endpoint:*"]],
      [["cloudwatch:PutMetricData"], ["*"]],
    ]
    error_message = "The endpoint may do more than read models and write its log, or less."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.endpoint[0].policy).Statement : statement.Condition if statement.Sid == "Measure"]) == { StringEquals = { "cloudwatch:namespace" = "/aws/sagemaker/Endpoints" } }
    error_message = "The endpoint may write metrics outside of its namespace."
  }

  assert {
    condition = jsondecode(aws_iam_role.endpoint[0].assume_role_policy).Statement == [{
      Effect    = "Allow"
      Principal = { Service = "sagemaker.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = "123456789012" } }
    }]
    error_message = "Another principal than SageMaker of this account may assume the role of the endpoint."
  }

  assert {
    condition     = aws_iam_role.endpoint[0].name == "lapidary-prd-endpoint" && length(aws_iam_role.sagemaker) == 0 && !strcontains(aws_iam_role_policy.function["trainer"].policy, "sagemaker")
    error_message = "The endpoint grants permissions for training on SageMaker."
  }

  assert {
    condition     = aws_cloudwatch_log_group.endpoint[0].name == "/aws/sagemaker/Endpoints/lapidary-prd-endpoint" && aws_cloudwatch_log_group.endpoint[0].retention_in_days == var.log_days
    error_message = "The endpoint's log is in another group, or has no expiry."
  }
}

run "refuses_endpoints_that_make_no_sense" {
  command = plan

  variables {
    endpoint_model     = "Diamonds/1"
    endpoint_instances = 1.5
  }

  expect_failures = [var.endpoint_model, var.endpoint_instances]
}

run "refuses_an_endpoint_on_another_processor" {
  command = plan

  variables {
    endpoint_model         = "diamonds"
    endpoint_instance_type = "ml.m6g.large"
  }

  expect_failures = [var.endpoint_instance_type]
}

run "takes_an_endpoint_on_the_images_processor" {
  command = plan

  variables {
    architecture           = "arm64"
    endpoint_model         = "diamonds"
    endpoint_instance_type = "ml.c6gn.large"
  }

  assert {
    condition     = length(aws_sagemaker_endpoint.this) == 1
    error_message = "An image for arm64 lacks its endpoint."
  }
}

run "with_all_that_is_optional" {
  command = plan

  variables {
    key_header              = "either"
    cors_origins            = ["https://example.org"]
    domain_name             = "api.example.org"
    certificate_arn         = "arn:aws:acm:eu-central-1:123456789012:certificate/1"
    hosted_zone_id          = "Z0123456789"
    provisioned_concurrency = 2
    reserved_concurrency    = 50
    alarm_emails            = ["ops@example.org"]
    budget_by_tag           = true
    settings                = { LOG_LEVEL = "debug", ACCESS = "open" }
  }

  assert {
    condition     = alltrue([for authorizer in aws_apigatewayv2_authorizer.key : authorizer.authorizer_result_ttl_in_seconds == 0 && length(coalesce(authorizer.identity_sources, [])) == 0])
    error_message = "Answers of the authorizer are not cached."
  }

  assert {
    condition     = length([for route in aws_apigatewayv2_route.open : route if route.route_key == "OPTIONS /{proxy+}"]) == 2
    error_message = "A CORS preflight requires a key."
  }

  assert {
    condition     = output.api_url == "https://api.example.org" && aws_apigatewayv2_api.this["live"].disable_execute_api_endpoint && !aws_apigatewayv2_api.this["canary"].disable_execute_api_endpoint
    error_message = "The API has two addresses, or the canary has none."
  }

  assert {
    condition     = aws_lambda_provisioned_concurrency_config.api[0].qualifier == "live" && aws_lambda_function.this["api"].reserved_concurrent_executions == 50
    error_message = "Configured concurrency is missing."
  }

  assert {
    condition     = aws_lambda_function.this["api"].environment[0].variables["LOG_LEVEL"] == "debug" && aws_lambda_function.this["api"].environment[0].variables["ACCESS"] == "keys"
    error_message = "A further setting is missing, or overrides a setting of the environment."
  }

  assert {
    condition     = keys(aws_sns_topic_subscription.email) == ["ops@example.org"]
    error_message = "Alarms have no subscriber."
  }
}

run "refuses_alarms_that_tell_nobody_by_mistake" {
  command = plan

  variables {
    alarm_emails = null
  }

  expect_failures = [var.alarm_emails]
}

run "takes_alarms_that_tell_nobody_on_purpose" {
  command = plan

  variables {
    alarm_emails = []
  }

  assert {
    condition     = length(aws_sns_topic_subscription.email) == 0
    error_message = "Alarms have subscribers."
  }
}

# The functions: one image with different commands. Terraform creates them; deployments update them.

locals {
  settings_of_all = {
    STORE        = "aws"
    S3_BUCKET    = local.bucket
    ACCESS_TABLE = local.tables.access
    # The only directory that a function can write to.
    DATA_DIR = "/tmp/lapidary"
  }

  settings_of_jobs = {
    JOBS_TABLE     = local.tables.jobs
    JOBS_QUEUE_URL = aws_sqs_queue.jobs.url
  }

  settings_of_sagemaker = local.has_sagemaker ? {
    TRAINING_SAGEMAKER_BYTES = format("%d", var.sagemaker_training_bytes)
    SAGEMAKER_IMAGE          = var.sagemaker_image_uri == "" ? var.image_uri : var.sagemaker_image_uri
    SAGEMAKER_ROLE_ARN       = local.sagemaker_role_arn
    SAGEMAKER_INSTANCE_TYPE  = var.sagemaker_instance_type
    SAGEMAKER_OUTPUT_URI     = "s3://${local.bucket}/sagemaker/"
  } : {}

  shapes = {
    api = {
      memory  = var.api_memory_mb
      timeout = 30
      disk    = 512
      limit   = var.reserved_concurrency
      settings = merge(local.settings_of_jobs, {
        # Without a gateway IAM alone authorizes callers.
        ACCESS       = local.has_gateway ? "keys" : "open"
        ADMIN_ROUTES = var.admin_routes ? "on" : "off"
      })
    }
    trainer = {
      memory  = var.trainer_memory_mb
      timeout = var.trainer_timeout_seconds
      disk    = var.trainer_disk_mb
      limit   = -1
      settings = merge(local.settings_of_jobs, local.settings_of_sagemaker, {
        RESULT_LIFE_HOURS = format("%d", var.result_days * 24)
      })
    }
    authorizer = {
      memory   = 512
      timeout  = 10
      disk     = 512
      limit    = -1
      settings = {}
    }
  }

  made = local.has_functions ? local.functions : {}
}

resource "aws_lambda_function" "this" {
  for_each = local.made
  # Without them the first invocation would fail, or create a log group without expiry.
  depends_on = [aws_iam_role_policy.function, aws_cloudwatch_log_group.function, aws_ecr_repository_policy.image]

  function_name = each.value
  role          = aws_iam_role.function[each.key].arn
  package_type  = "Image"
  image_uri     = var.image_uri
  architectures = [var.architecture]
  memory_size   = local.shapes[each.key].memory
  timeout       = local.shapes[each.key].timeout
  publish       = true

  reserved_concurrent_executions = local.shapes[each.key].limit

  image_config {
    command = ["lambda", each.key]
  }

  ephemeral_storage {
    size = local.shapes[each.key].disk
  }

  environment {
    variables = merge(var.settings, local.settings_of_all, local.shapes[each.key].settings)
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.function[each.key].name
  }

  lifecycle {
    ignore_changes = [image_uri]
  }
}

# Callers invoke an alias. A deployment publishes a version, tests it as canary, then moves live.
resource "aws_lambda_alias" "live" {
  for_each = local.made

  name             = local.live
  function_name    = aws_lambda_function.this[each.key].function_name
  function_version = aws_lambda_function.this[each.key].version

  lifecycle {
    ignore_changes = [function_version, routing_config]
  }
}

resource "aws_lambda_alias" "canary" {
  for_each = local.made
  # One after the other: concurrent changes of a function may conflict.
  depends_on = [aws_lambda_alias.live]

  name             = local.canary
  function_name    = aws_lambda_function.this[each.key].function_name
  function_version = aws_lambda_function.this[each.key].version

  lifecycle {
    ignore_changes = [function_version, routing_config]
  }
}

resource "aws_lambda_provisioned_concurrency_config" "api" {
  count = local.has_functions && var.provisioned_concurrency > 0 ? 1 : 0

  function_name                     = aws_lambda_function.this["api"].function_name
  qualifier                         = aws_lambda_alias.live["api"].name
  provisioned_concurrent_executions = var.provisioned_concurrency
}

resource "aws_cloudwatch_log_group" "function" {
  for_each = local.log_groups

  name              = each.value
  retention_in_days = var.log_days
}

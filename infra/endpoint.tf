# An endpoint of SageMaker that one model answers (INVOCATIONS_MODEL), for callers that sign with IAM: no gateway, no
# keys, no metering. There is one only where it is wanted. Deployments do not move it: image_uri does.

locals {
  endpoint           = "${local.name}-endpoint"
  endpoint_log_group = "/aws/sagemaker/Endpoints/${local.endpoint}"

  endpoint_settings = merge(var.settings, {
    STORE     = "aws"
    S3_BUCKET = local.bucket
    # Only SageMaker can reach it, after IAM has authorized the caller.
    HOST              = "0.0.0.0"
    PORT              = "8080"
    ACCESS            = "open"
    ADMIN_ROUTES      = "off"
    INVOCATIONS_MODEL = var.endpoint_model
    AWS_REGION        = var.region
    DATA_DIR          = "/tmp/lapidary"
  })

  # AWS changes neither a model nor a configuration: what is new in them is in their name, so that a new one is there
  # before the endpoint leaves the old one.
  endpoint_model = "${local.name}-${substr(sha256(jsonencode([var.image_uri, local.endpoint_settings])), 0, 12)}"
  endpoint_config = join("-", [
    local.endpoint_model,
    substr(sha256(jsonencode([var.endpoint_instance_type, var.endpoint_instances])), 0, 12),
  ])
}

resource "aws_iam_role" "endpoint" {
  count = local.has_endpoint ? 1 : 0

  name        = local.endpoint
  description = "The endpoint ${local.endpoint} of SageMaker"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "sagemaker.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "endpoint" {
  count = local.has_endpoint ? 1 : 0

  name = "own"
  role = aws_iam_role.endpoint[0].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      local.may_list,
      {
        # Of the operator: an invocation names no client.
        Sid      = "ReadModels"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${local.bucket_arn}/models/*"]
      },
      {
        Sid      = "PullImage"
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = [local.repository_arn]
      },
      {
        # AWS knows no resource for it.
        Sid      = "LogInToRegistry"
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"]
      },
      {
        # Not CreateLogGroup: one that SageMaker made would be kept for ever.
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = ["${local.arn}:logs:${local.here}:log-group:${local.endpoint_log_group}:*"]
      },
      {
        # Nor for this; the namespace is what can be named.
        Sid       = "Measure"
        Effect    = "Allow"
        Action    = ["cloudwatch:PutMetricData"]
        Resource  = ["*"]
        Condition = { StringEquals = { "cloudwatch:namespace" = "/aws/sagemaker/Endpoints" } }
      },
    ]
  })
}

resource "aws_cloudwatch_log_group" "endpoint" {
  count = local.has_endpoint ? 1 : 0

  name              = local.endpoint_log_group
  retention_in_days = var.log_days
}

# SageMaker runs the image with `serve`, whatever its command is.
resource "aws_sagemaker_model" "endpoint" {
  count = local.has_endpoint ? 1 : 0
  # Without it the image cannot be pulled.
  depends_on = [aws_iam_role_policy.endpoint]

  name               = local.endpoint_model
  execution_role_arn = aws_iam_role.endpoint[0].arn

  primary_container {
    image       = var.image_uri
    environment = local.endpoint_settings
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint_configuration" "endpoint" {
  count = local.has_endpoint ? 1 : 0

  name = local.endpoint_config

  production_variants {
    variant_name           = "all"
    model_name             = aws_sagemaker_model.endpoint[0].name
    instance_type          = var.endpoint_instance_type
    initial_instance_count = var.endpoint_instances
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint" "this" {
  count      = local.has_endpoint ? 1 : 0
  depends_on = [aws_cloudwatch_log_group.endpoint]

  name                 = local.endpoint
  endpoint_config_name = aws_sagemaker_endpoint_configuration.endpoint[0].name
}

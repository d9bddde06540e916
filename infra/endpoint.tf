# The optional SageMaker endpoint of one model (INVOCATIONS_MODEL), for callers that sign with IAM: without gateway, keys
# and metering. image_uri sets its image; deployments do not change it.

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

  # Models and configurations are immutable at AWS. Their names depend on their contents, so a change creates new ones
  # before the endpoint leaves the old ones.
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
        # Only models of the operator: an invocation has no client.
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
        # This action does not support resources.
        Sid      = "LogInToRegistry"
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"]
      },
      {
        # Without CreateLogGroup: SageMaker would create a group without expiry.
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = ["${local.arn}:logs:${local.here}:log-group:${local.endpoint_log_group}:*"]
      },
      {
        # Nor does this one; a condition limits the namespace.
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
  # Needed to pull the image.
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

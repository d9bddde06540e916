# Permissions of each function: the calls of its adapters in src/adapters/{aws,objects}, on its own resources only.
# docs/infra.md has the table.

locals {
  # Tenants have the same layout below clients/<client>/.
  objects = {
    for kind in ["models", "datasets", "batch-predictions"] :
    kind => ["${local.bucket_arn}/${kind}/*", "${local.bucket_arn}/clients/*/${kind}/*"]
  }
  # The index of chores, of all tenants together.
  due = "${local.bucket_arn}/due/*"

  may_list = {
    Sid      = "List"
    Effect   = "Allow"
    Action   = ["s3:ListBucket"]
    Resource = [local.bucket_arn]
  }

  may_use_jobs = {
    Sid    = "Jobs"
    Effect = "Allow"
    Action = [
      "dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem",
      "dynamodb:Query",
    ]
    Resource = [local.table_arns.jobs]
  }

  may_log_jobs = {
    Sid      = "JobLogs"
    Effect   = "Allow"
    Action   = ["dynamodb:UpdateItem"]
    Resource = [local.table_arns.jobs]
  }

  may_notify = {
    Sid      = "Notify"
    Effect   = "Allow"
    Action   = ["sqs:SendMessage"]
    Resource = [local.queue_arn]
  }

  api_reads = {
    Sid      = "ReadModels"
    Effect   = "Allow"
    Action   = ["s3:GetObject"]
    Resource = local.objects["models"]
  }

  # The role that removes expired objects also aborts unfinished uploads.
  may_list_uploads = {
    Sid      = "ListUploads"
    Effect   = "Allow"
    Action   = ["s3:ListBucketMultipartUploads"]
    Resource = [local.bucket_arn]
  }

  api_changes = [
    {
      Sid      = "Change"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      Resource = concat(flatten(values(local.objects)), [local.due])
    },
    local.may_list_uploads,
  ]

  trainer_does = [
    {
      Sid      = "Read"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = concat(flatten(values(local.objects)), [local.due])
    },
    {
      Sid      = "Publish"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"]
      Resource = concat(local.objects["models"], local.objects["batch-predictions"], [local.due])
    },
    # Expired uploads, and what crashes left of batches.
    {
      Sid      = "Sweep"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject"]
      Resource = local.objects["datasets"]
    },
    local.may_list_uploads,
  ]

  may_take_messages = {
    Sid      = "TakeMessages"
    Effect   = "Allow"
    Action   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
    Resource = [local.queue_arn]
  }

  # Partitions of the access table: docs/access.md.
  may_meter = {
    Sid       = "Meter"
    Effect    = "Allow"
    Action    = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]
    Resource  = [local.table_arns.access]
    Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["clients", "plans", "usage#*", "counted#*"] } }
  }

  may_give_keys = {
    Sid    = "GiveKeys"
    Effect = "Allow"
    Action = [
      "dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:PutItem",
      "dynamodb:Query", "dynamodb:UpdateItem",
    ]
    Resource = [local.table_arns.access]
  }

  may_check_keys = {
    Sid       = "CheckKeys"
    Effect    = "Allow"
    Action    = ["dynamodb:GetItem", "dynamodb:UpdateItem"]
    Resource  = [local.table_arns.access]
    Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["key#*", "clients", "plans"] } }
  }

  statements = {
    api = concat(
      [local.may_list, local.api_reads, local.may_meter],
      # Without these routes the API has no jobs.
      [
        for statement in concat(local.api_changes, [local.may_use_jobs, local.may_notify, local.may_give_keys]) :
        statement if var.admin_routes
      ],
    )
    trainer = concat(
      [local.may_list, local.may_use_jobs, local.may_log_jobs, local.may_notify, local.may_meter],
      [local.may_take_messages],
      local.trainer_does,
      [for statement in local.may_use_sagemaker : statement if local.has_sagemaker],
    )
    authorizer = [local.may_check_keys]
  }
}

resource "aws_iam_role" "function" {
  for_each = local.functions

  name        = each.value
  description = "The function ${each.value}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "function" {
  for_each = local.functions

  name = "own"
  role = aws_iam_role.function[each.key].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.statements[each.key], [{
      Sid      = "Log"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["${local.arn}:logs:${local.here}:log-group:${local.log_groups[each.key]}:*"]
    }])
  })
}

# The optional role for trainings that are too large for a function (docs/aws-jobs.md).

locals {
  sagemaker_role     = "${local.name}-sagemaker"
  sagemaker_role_arn = "${local.arn}:iam::${local.account}:role/${local.sagemaker_role}"

  # The trainer names training jobs lapidary-<job>-<attempt>, in any project.
  may_use_sagemaker = [
    {
      Sid      = "Train"
      Effect   = "Allow"
      Action   = ["sagemaker:AddTags", "sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob"]
      Resource = ["${local.arn}:sagemaker:${local.here}:training-job/lapidary-*"]
    },
    {
      Sid       = "HandOverRole"
      Effect    = "Allow"
      Action    = ["iam:PassRole"]
      Resource  = [local.sagemaker_role_arn]
      Condition = { StringEquals = { "iam:PassedToService" = "sagemaker.amazonaws.com" } }
    },
  ]
}

resource "aws_iam_role" "sagemaker" {
  count = local.has_sagemaker ? 1 : 0

  name        = local.sagemaker_role
  description = "Training jobs of ${local.name} on SageMaker"

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

resource "aws_iam_role_policy" "sagemaker" {
  count = local.has_sagemaker ? 1 : 0

  name = "own"
  role = aws_iam_role.sagemaker[0].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [local.may_list, local.may_use_jobs, local.may_log_jobs, local.may_notify, local.may_meter],
      local.trainer_does,
      [
        {
          # SageMaker writes there when a job ends, even without output.
          Sid      = "Output"
          Effect   = "Allow"
          Action   = ["s3:AbortMultipartUpload", "s3:PutObject"]
          Resource = ["${local.bucket_arn}/sagemaker/*"]
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
          Sid    = "Log"
          Effect = "Allow"
          Action = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
          Resource = [
            "${local.arn}:logs:${local.here}:log-group:/aws/sagemaker/TrainingJobs",
            "${local.arn}:logs:${local.here}:log-group:/aws/sagemaker/TrainingJobs:*",
          ]
        },
        {
          # Nor does this one; a condition limits the namespace.
          Sid       = "Measure"
          Effect    = "Allow"
          Action    = ["cloudwatch:PutMetricData"]
          Resource  = ["*"]
          Condition = { StringEquals = { "cloudwatch:namespace" = "/aws/sagemaker/TrainingJobs" } }
        },
      ],
    )
  })
}

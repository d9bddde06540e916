# All names, made of project and environment, and their ARNs. Policies use these instead of attributes of resources, so
# that a plan shows them whole.

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}

locals {
  name      = "${var.project}-${var.env}"
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition
  arn       = "arn:${local.partition}"
  here      = "${var.region}:${local.account}"

  has_gateway   = var.env == "prd"
  has_functions = var.image_uri != ""
  has_sagemaker = var.sagemaker_training_bytes > 0
  has_endpoint  = var.endpoint_model != "" && var.image_uri != ""

  # All AWS accounts share one namespace of buckets.
  bucket     = "${local.name}-${local.account}-${var.region}"
  repository = local.name
  queue      = "${local.name}-jobs"
  dead       = "${local.name}-jobs-dead"
  tables     = { jobs = "${local.name}-jobs", access = "${local.name}-access" }
  topic      = "${local.name}-alarms"

  live   = "live"
  canary = "canary"

  # The functions of the image, by the argument of `lambda`.
  roles     = local.has_gateway ? ["api", "trainer", "authorizer"] : ["api", "trainer"]
  functions = { for role in local.roles : role => "${local.name}-${role}" }

  bucket_arn     = "${local.arn}:s3:::${local.bucket}"
  repository_arn = "${local.arn}:ecr:${local.here}:repository/${local.repository}"
  queue_arn      = "${local.arn}:sqs:${local.here}:${local.queue}"
  dead_arn       = "${local.arn}:sqs:${local.here}:${local.dead}"
  topic_arn      = "${local.arn}:sns:${local.here}:${local.topic}"
  table_arns     = { for key, name in local.tables : key => "${local.arn}:dynamodb:${local.here}:table/${name}" }
  function_arns  = { for role, name in local.functions : role => "${local.arn}:lambda:${local.here}:function:${name}" }
  log_groups     = { for role, name in local.functions : role => "/aws/lambda/${name}" }
}

# The queue that notifies the trainer of work, and its dead-letter queue: docs/aws-jobs.md.

resource "aws_sqs_queue" "jobs" {
  name = local.queue
  # The value that AWS recommends for functions behind a queue.
  visibility_timeout_seconds = 6 * var.trainer_timeout_seconds
  message_retention_seconds  = 4 * 24 * 3600
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = 5
  })

  # Policies are part of the queues, since the provider waits half a minute for each change of a queue.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TheBucketTells"
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = local.queue_arn
      Condition = {
        ArnEquals    = { "aws:SourceArn" = local.bucket_arn }
        StringEquals = { "aws:SourceAccount" = local.account }
      }
    }]
  })
}

resource "aws_sqs_queue" "dead" {
  name                      = local.dead
  message_retention_seconds = 14 * 24 * 3600
  sqs_managed_sse_enabled   = true

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.queue_arn]
  })
}

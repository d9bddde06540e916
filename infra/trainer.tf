# Triggers of the trainer: its queue, and a schedule for lost messages.

resource "aws_lambda_event_source_mapping" "trainer" {
  count = local.has_functions ? 1 : 0

  event_source_arn = aws_sqs_queue.jobs.arn
  function_name    = aws_lambda_alias.live["trainer"].arn
  # A job may use the whole timeout of an invocation.
  batch_size              = 1
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = var.trainer_concurrency
  }
}

resource "aws_cloudwatch_event_rule" "trainer" {
  count = local.has_functions ? 1 : 0

  name                = "${local.name}-trainer"
  description         = "Finds jobs whose message was lost or whose worker died"
  schedule_expression = var.trainer_schedule
}

resource "aws_cloudwatch_event_target" "trainer" {
  count = local.has_functions ? 1 : 0

  rule      = aws_cloudwatch_event_rule.trainer[0].name
  target_id = "trainer"
  arn       = aws_lambda_alias.live["trainer"].arn
}

resource "aws_lambda_permission" "trainer_clock" {
  count = local.has_functions ? 1 : 0

  statement_id  = "clock"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this["trainer"].function_name
  qualifier     = aws_lambda_alias.live["trainer"].name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.trainer[0].arn
}

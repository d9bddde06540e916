# The alarms and their recipients. An alarm notifies when it begins and when it ends.

resource "aws_sns_topic" "alarms" {
  # Not encrypted: CloudWatch needs a customer-managed key for that, which is billed monthly. Messages have names of
  # alarms, no data.
  name = local.topic
}

resource "aws_sns_topic_policy" "alarms" {
  arn = aws_sns_topic.alarms.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AlarmsAndBudgetPublish"
      Effect    = "Allow"
      Principal = { Service = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"] }
      Action    = "sns:Publish"
      Resource  = local.topic_arn
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_sns_topic_subscription" "email" {
  for_each = toset(coalesce(var.alarm_emails, []))

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.value
}

locals {
  function_alarms = {
    errors = {
      metric      = "Errors", statistic = "Sum", over = 0, periods = 1
      description = "The function failed, timed out or ran out of memory"
    }
    throttles = {
      metric      = "Throttles", statistic = "Sum", over = 0, periods = 1
      description = "AWS throttled invocations: too many at a time"
    }
    duration = {
      metric      = "Duration", statistic = "p99", periods = 3
      description = "One invocation in a hundred takes too long"
    }
  }
  # In milliseconds. A trainer that uses most of its timeout will soon exceed it.
  slow = {
    api        = var.latency_alarm_ms
    trainer    = 0.9 * 1000 * var.trainer_timeout_seconds
    authorizer = 3000
  }

  alarms_of_functions = {
    for pair in setproduct(keys(local.made), keys(local.function_alarms)) :
    "${pair[0]}-${pair[1]}" => merge(
      { over = local.slow[pair[0]] },
      local.function_alarms[pair[1]],
      { namespace = "AWS/Lambda", dimensions = { FunctionName = local.functions[pair[0]] } },
    )
  }

  alarms_of_queues = {
    dead-letters = {
      namespace   = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", statistic = "Maximum", over = 0, periods = 1
      dimensions  = { QueueName = local.dead }
      description = "The dead-letter queue has messages that the trainer could not process"
    }
    queue-age = {
      namespace   = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", statistic = "Maximum", periods = 1
      over        = var.queue_age_alarm_seconds
      dimensions  = { QueueName = local.queue }
      description = "Jobs wait too long"
    }
  }

  # A failed job is not a failed invocation: the job has the error.
  alarms_of_trainings = local.has_functions ? {
    failed-trainings = {
      namespace   = local.name, metric = local.failed_trainings, statistic = "Sum", over = 0, periods = 1
      dimensions  = {}
      description = "A training failed: find the job in the log of the trainer, and the reason in the job"
    }
  } : {}
  failed_trainings = "FailedTrainings"

  alarms_of_gateway = {
    for key, gateway in local.gateways : "gateway-5xx" => {
      namespace   = "AWS/ApiGateway", metric = "5xx", statistic = "Sum", over = 0, periods = 1
      dimensions  = { ApiId = aws_apigatewayv2_api.this[key].id }
      description = "The API answered requests with 5xx"
    } if key == "live"
  }

  alarms = merge(local.alarms_of_functions, local.alarms_of_queues, local.alarms_of_trainings, local.alarms_of_gateway)
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name        = "${local.name}-${each.key}"
  alarm_description = each.value.description
  namespace         = each.value.namespace
  metric_name       = each.value.metric
  dimensions        = each.value.dimensions

  statistic           = each.value.statistic == "p99" ? null : each.value.statistic
  extended_statistic  = each.value.statistic == "p99" ? "p99" : null
  period              = 300
  evaluation_periods  = each.value.periods
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.over
  # Without requests there is nothing to report.
  treat_missing_data = "notBreaching"

  alarm_actions = [aws_sns_topic.alarms.arn]
  ok_actions    = [aws_sns_topic.alarms.arn]
}

# The queue notifies the trainer of jobs that failed on SageMaker or another worker; it logs them too.
resource "aws_cloudwatch_log_metric_filter" "failed_trainings" {
  count = local.has_functions ? 1 : 0

  name           = "${local.name}-failed-trainings"
  log_group_name = aws_cloudwatch_log_group.function["trainer"].name
  # As src/hosts/lambda/jobs.ts writes it.
  pattern = "{ $.msg = \"a job failed\" && $.kind = \"training\" }"

  metric_transformation {
    namespace = local.name
    name      = local.failed_trainings
    value     = "1"
  }
}

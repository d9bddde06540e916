# One page with the metrics of the environment.

locals {
  charts = concat(
    [
      for role, name in local.made : {
        title = "${role}: invocations, errors, throttles"
        stat  = "Sum"
        metrics = [
          for metric in ["Invocations", "Errors", "Throttles"] : ["AWS/Lambda", metric, "FunctionName", name]
        ]
      }
    ],
    [
      for role, name in local.made : {
        title = "${role}: duration (ms)"
        stat  = "p99"
        metrics = [
          for stat in ["p50", "p99"] : ["AWS/Lambda", "Duration", "FunctionName", name, { stat = stat, label = stat }]
        ]
      }
    ],
    [
      {
        title = "training queue: waiting, in work, dead"
        stat  = "Maximum"
        metrics = [
          ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", local.queue, { label = "waiting" }],
          ["AWS/SQS", "ApproximateNumberOfMessagesNotVisible", "QueueName", local.queue, { label = "in work" }],
          ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", local.dead, { label = "dead" }],
        ]
      },
      {
        title = "training queue: age of the oldest (s)"
        stat  = "Maximum"
        metrics = [
          ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", local.queue],
        ]
      },
      {
        title = "tables: units read and written"
        stat  = "Sum"
        metrics = [
          for pair in setproduct(values(local.tables), ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"]) :
          ["AWS/DynamoDB", pair[1], "TableName", pair[0]]
        ]
      },
    ],
    [
      for key, gateway in local.gateways : {
        title = "gateway ${key}: requests, 4xx, 5xx"
        stat  = "Sum"
        metrics = [
          for metric in ["Count", "4xx", "5xx"] : ["AWS/ApiGateway", metric, "ApiId", aws_apigatewayv2_api.this[key].id]
        ]
      }
    ],
    [
      for key, gateway in local.gateways : {
        title = "gateway ${key}: latency (ms)"
        stat  = "p99"
        metrics = [
          for stat in ["p50", "p99"] :
          ["AWS/ApiGateway", "Latency", "ApiId", aws_apigatewayv2_api.this[key].id, { stat = stat, label = stat }]
        ]
      }
    ],
  )
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = local.name

  dashboard_body = jsonencode({
    widgets = [
      for index, chart in local.charts : {
        type   = "metric"
        x      = 12 * (index % 2)
        y      = 6 * floor(index / 2)
        width  = 12
        height = 6
        properties = {
          title   = chart.title
          region  = var.region
          period  = 300
          stat    = chart.stat
          metrics = chart.metrics
        }
      }
    ]
  })
}

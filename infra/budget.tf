# Warns when the forecast of the month exceeds the budget.

resource "aws_budgets_budget" "month" {
  depends_on = [aws_sns_topic_policy.alarms]

  name         = local.name
  budget_type  = "COST"
  limit_amount = format("%.2f", var.budget_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  dynamic "cost_filter" {
    for_each = var.budget_by_tag ? [1] : []

    content {
      name = "TagKeyValue"
      # Several values of one filter are alternatives; the environment identifies the project's own budget.
      values = ["user:env$${var.env}"]
    }
  }

  dynamic "notification" {
    for_each = { ACTUAL = 80, FORECASTED = 100 }

    content {
      notification_type         = notification.key
      threshold                 = notification.value
      threshold_type            = "PERCENTAGE"
      comparison_operator       = "GREATER_THAN"
      subscriber_sns_topic_arns = [aws_sns_topic.alarms.arn]
    }
  }
}

# Values for the deployment scripts and for operators.

output "env" {
  description = "The environment."
  value       = var.env
}

output "region" {
  description = "The AWS region."
  value       = var.region
}

output "architecture" {
  description = "The processor of the images."
  value       = var.architecture
}

output "image_repository_url" {
  description = "The URL of the image repository."
  value       = aws_ecr_repository.image.repository_url
}

output "image_repository_name" {
  description = "The name of the image repository."
  value       = aws_ecr_repository.image.name
}

output "functions" {
  description = "Names of the functions, by role; empty while image_uri is empty."
  value       = { for role, function in aws_lambda_function.this : role => function.function_name }
}

output "live_alias" {
  description = "The alias that callers use."
  value       = local.live
}

output "canary_alias" {
  description = "The alias that tests a new version."
  value       = local.canary
}

output "api_url" {
  description = "The URL of the API; null without a gateway."
  value       = local.has_domain ? "https://${var.domain_name}" : try(aws_apigatewayv2_api.this["live"].api_endpoint, null)
}

output "canary_url" {
  description = "The URL of the canary; null without a gateway."
  value       = try(aws_apigatewayv2_api.this["canary"].api_endpoint, null)
}

output "endpoint_name" {
  description = "The SageMaker endpoint; null without one."
  value       = try(aws_sagemaker_endpoint.this[0].name, null)
}

output "bucket" {
  description = "The bucket of models and datasets."
  value       = aws_s3_bucket.data.bucket
}

output "tables" {
  description = "The DynamoDB tables, by content."
  value       = { for key, table in aws_dynamodb_table.this : key => table.name }
}

output "queue_urls" {
  description = "The queues: jobs, and dead for dead letters."
  value       = { jobs = aws_sqs_queue.jobs.url, dead = aws_sqs_queue.dead.url }
}

output "deploy_role_arn" {
  description = "The role of GitHub's workflows; null without github_repository."
  value       = try(aws_iam_role.deploy[0].arn, null)
}

output "dashboard_url" {
  description = "The dashboard."
  value       = "https://${var.region}.console.aws.amazon.com/cloudwatch/home?region=${var.region}#dashboards/dashboard/${aws_cloudwatch_dashboard.this.dashboard_name}"
}

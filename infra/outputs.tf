# What the deployment scripts and people need to know.

output "env" {
  description = "The environment."
  value       = var.env
}

output "region" {
  description = "The region of AWS."
  value       = var.region
}

output "architecture" {
  description = "The processor that images are built for."
  value       = var.architecture
}

output "image_repository_url" {
  description = "Where images are pushed to."
  value       = aws_ecr_repository.image.repository_url
}

output "image_repository_name" {
  description = "The repository's name."
  value       = aws_ecr_repository.image.name
}

output "functions" {
  description = "Names of the functions, by role; none as long as image_uri is empty."
  value       = { for role, function in aws_lambda_function.this : role => function.function_name }
}

output "live_alias" {
  description = "The alias that callers reach."
  value       = local.live
}

output "canary_alias" {
  description = "The alias on which a version is tried."
  value       = local.canary
}

output "api_url" {
  description = "Where the API answers; null without a gateway."
  value       = local.has_domain ? "https://${var.domain_name}" : try(aws_apigatewayv2_api.this["live"].api_endpoint, null)
}

output "canary_url" {
  description = "Where the canary answers; null without a gateway."
  value       = try(aws_apigatewayv2_api.this["canary"].api_endpoint, null)
}

output "endpoint_name" {
  description = "The endpoint of SageMaker; null without one."
  value       = try(aws_sagemaker_endpoint.this[0].name, null)
}

output "bucket" {
  description = "The bucket of models and datasets."
  value       = aws_s3_bucket.data.bucket
}

output "tables" {
  description = "The tables of DynamoDB, by what they keep."
  value       = { for key, table in aws_dynamodb_table.this : key => table.name }
}

output "queue_urls" {
  description = "The queues: jobs, and dead for what could not be read."
  value       = { jobs = aws_sqs_queue.jobs.url, dead = aws_sqs_queue.dead.url }
}

output "deploy_role_arn" {
  description = "The role that GitHub's workflows take; null without github_repository."
  value       = try(aws_iam_role.deploy[0].arn, null)
}

output "dashboard_url" {
  description = "The dashboard."
  value       = "https://${var.region}.console.aws.amazon.com/cloudwatch/home?region=${var.region}#dashboards/dashboard/${aws_cloudwatch_dashboard.this.dashboard_name}"
}

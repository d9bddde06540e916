# The backend configuration for `terraform init` of an environment.

output "state_bucket" {
  description = "The bucket of the states."
  value       = aws_s3_bucket.state.bucket
}

output "region" {
  description = "Its region."
  value       = var.region
}

# Versions of Terraform and the AWS provider, the state, and the credentials.

terraform {
  # Since 1.11 the S3 backend locks by a file beside the state.
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # `terraform init` sets bucket and key; infra/bootstrap creates the bucket.
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      project    = var.project
      env        = var.env
      managed-by = "terraform"
    }
  }
}

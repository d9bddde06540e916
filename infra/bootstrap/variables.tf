# The variables of the account.

variable "project" {
  description = "Prefix of all names."
  type        = string
  default     = "lapidary"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.project))
    error_message = "project must have 3 to 20 characters: lower-case letters, digits and hyphens. It must begin with a letter and not end with a hyphen."
  }
}

variable "region" {
  description = "The AWS region."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be an AWS region, such as eu-central-1."
  }
}

variable "github" {
  description = "Whether to register GitHub as an identity provider. An account can have only one: false if it exists already."
  type        = bool
  default     = true
}

variable "destroy_state" {
  description = "Whether terraform destroy may delete the bucket with all states. Apply it before the destroy."
  type        = bool
  default     = false
}

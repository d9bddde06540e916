# What the account decides.

variable "project" {
  description = "What all names begin with."
  type        = string
  default     = "lapidary"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.project))
    error_message = "project has 3 to 20 characters: lower-case letters, digits and hyphens, a letter first, no hyphen last."
  }
}

variable "region" {
  description = "The region of AWS."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is the name of one, such as eu-central-1."
  }
}

variable "github" {
  description = "Whether GitHub is entered as a provider of identities. An account has one such entry: false, where it is there already."
  type        = bool
  default     = true
}

variable "destroy_state" {
  description = "Whether terraform destroy may take the bucket with all states in it. To be applied before."
  type        = bool
  default     = false
}

# Lets GitHub's workflows assume roles of this account that trust them: infra/github.tf.

resource "aws_iam_openid_connect_provider" "github" {
  count = var.github ? 1 : 0

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

# The optional custom domain of the API.

locals {
  has_domain = length(local.gateways) > 0 && var.domain_name != ""
}

resource "aws_apigatewayv2_domain_name" "api" {
  count = local.has_domain ? 1 : 0

  domain_name = var.domain_name

  domain_name_configuration {
    certificate_arn = var.certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
}

resource "aws_apigatewayv2_api_mapping" "api" {
  count = local.has_domain ? 1 : 0

  api_id      = aws_apigatewayv2_api.this["live"].id
  domain_name = aws_apigatewayv2_domain_name.api[0].id
  stage       = aws_apigatewayv2_stage.default["live"].id
}

resource "aws_route53_record" "api" {
  count = local.has_domain && var.hosted_zone_id != "" ? 1 : 0

  zone_id = var.hosted_zone_id
  name    = var.domain_name
  type    = "A"

  alias {
    name                   = aws_apigatewayv2_domain_name.api[0].domain_name_configuration[0].target_domain_name
    zone_id                = aws_apigatewayv2_domain_name.api[0].domain_name_configuration[0].hosted_zone_id
    evaluate_target_health = false
  }
}
